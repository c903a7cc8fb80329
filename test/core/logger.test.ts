import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { createLogger } from '../../src/core/logger.ts';

const folder = mkdtempSync(join(tmpdir(), 'hostpulse-log-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

type Settings = Parameters<typeof createLogger>[0];

/** What stands in the log after an info, a debug and an error. */
async function logged(settings: Settings, isTTY = false): Promise<string> {
  const path = join(folder, `${files++}.log`);
  const fd = openSync(path, 'w');
  const log = await createLogger(settings, { fd, isTTY });
  log.child({ plugin: 'clock' }).info({ port: 9192 }, 'it runs');
  log.debug('details');
  log.error({ err: new Error('it is broken: no oil', { cause: new Error('no oil') }) }, 'it failed');
  closeSync(fd);
  return readFileSync(path, 'utf8');
}

describe('the log', () => {
  test('is one JSON object a line for machines, and where nobody looks on', async () => {
    for (const format of ['json', 'auto'] as const) {
      const lines = (await logged({ level: 'info', format } as Settings))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.equal(lines.length, 2);
      assert.deepEqual([lines[0].level, lines[0].plugin, lines[0].port, lines[0].msg], [30, 'clock', 9192, 'it runs']);
      assert.match(lines[1].err.stack, /broken/);
      assert.deepEqual([lines[1].err.message, lines[1].err.cause.message], ['it is broken: no oil', 'no oil']);
      assert.equal(lines[0].pid, undefined);
    }
  });

  test('is plain lines for people, and on a terminal', async () => {
    for (const [format, isTTY] of [
      ['pretty', false],
      ['auto', true],
    ] as const) {
      const text = await logged({ level: 'info', format } as Settings, isTTY);
      assert.match(text, /INFO.*it runs/);
      assert.throws(() => JSON.parse(text.split('\n')[0] as string));
    }
  });

  test('says no less than its level, and nothing where it is silent', async () => {
    assert.match(await logged({ level: 'debug', format: 'json' } as Settings), /details/);
    assert.doesNotMatch(await logged({ level: 'error', format: 'json' } as Settings), /it runs/);
    assert.equal(await logged({ level: 'silent', format: 'json' } as Settings), '');
  });
});
