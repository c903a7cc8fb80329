import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { builtIns } from '../../src/plugins/index.ts';
import { until } from '../helpers/build-agent.ts';
import { startChild } from '../helpers/child-agent.ts';
import { PYTHON, whyNoWebsockets } from '../helpers/programs.ts';

const DOCUMENT = readFileSync('docs/bursts.md', 'utf8');
const [, example = ''] = /```python\n(.*?)```/s.exec(DOCUMENT) ?? [];

test('the table of plugins that tell of bursts is theirs', () => {
  const rows = [...DOCUMENT.matchAll(/^\| `(\w+)` \| .* \| (\d+) ms \|$/gm)].map(([, name, ms]) => [name, Number(ms)]);
  const declared = Object.entries(builtIns).flatMap(([name, { parameterSchema = {} }]) => {
    const { shortestBurstMs } = parameterSchema as { shortestBurstMs?: { default: number } };
    return shortestBurstMs ? [[name, shortestBurstMs.default]] : [];
  });
  assert.deepEqual(rows.sort(), declared.sort());
  for (const [name, { parameterSchema = {}, variables = {} }] of Object.entries(builtIns))
    assert.equal('burst' in variables, 'shortestBurstMs' in parameterSchema, name);
});

test('both ways of watching that the document shows tell of a burst on loopback', { skip: whyNoWebsockets() }, async (t) => {
  const { port } = new URL((await startChild(t)).base);
  const python = spawn(PYTHON, ['-u', '-c', example.replace(':9192', `:${port}`)]);
  t.after(() => void python.kill('SIGKILL'));
  let said = '';
  for (const stream of [python.stdout, python.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  // A loopback has no speed that a share could be of.
  const [, path = ''] = /9192(\/netinfo\?burst=50ms&when=[^']+)'/.exec(DOCUMENT) ?? [];
  const condition = path.replace('rxUtilisationRatio/max>90%', 'rxBytesPerSecond/max>1MB/s');
  assert.notEqual(condition, path);
  const aborting = new AbortController();
  t.after(() => aborting.abort());
  const events = await fetch(`http://127.0.0.1:${port}${condition}`, {
    headers: { accept: 'text/event-stream' },
    signal: aborting.signal,
  });
  let told = '';
  void (async () => {
    for await (const chunk of events.body ?? []) told += Buffer.from(chunk).toString();
  })().catch(() => {});
  const socket = createSocket('udp4');
  t.after(() => void socket.close());
  const payload = Buffer.alloc(10_000);
  const burst = setInterval(() => {
    for (let n = 0; n < 100; n++) socket.send(payload, 9, '127.0.0.1');
  }, 1000);
  t.after(() => clearInterval(burst));
  await until(() => /^lo: \d+ bytes\/s, in one of \d+ steps \d+; \d+ dropped$/m.test(said), 'Python tells of it');
  await until(() => /"event":"entered".*"path":"interfaces\/lo"/.test(told), 'the condition is entered');
});
