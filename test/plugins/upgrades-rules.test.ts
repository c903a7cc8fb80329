import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { test } from 'node:test';
import { parsePins } from '../../src/plugins/upgrades/apt-rules.ts';
import { LinuxSource } from '../../src/plugins/upgrades/source.ts';
import { type AptTree, everyCase, ROOT } from '../helpers/apt-tree.ts';
import fc from '../helpers/properties.ts';

const look = (tree: AptTree) => new LinuxSource(tree).read();

test('who has set priorities for what could be upgraded is told no number', async (t) => {
  const tree = everyCase(t);
  const file = `${ROOT}/etc/apt/preferences.d/own`;
  const told = async (text: string) => {
    tree.write(file, text);
    return (await look(tree)).reason;
  };
  const pin = (name: string, priority: number) => `Package: ${name}\nPin: origin example.org\nPin-Priority: ${priority}\n`;
  assert.equal(await told(pin('not-installed', 1001)), null);
  assert.equal(await told(`# of old times\n${pin('current', 600)}`), null);
  assert.match((await told(pin('current', 1001))) ?? '', /a priority for current, which is not heeded/);
  assert.match((await told(pin('not-installed old', 600))) ?? '', /a priority for old/);
  // Of experimental it would be taken now.
  assert.match((await told(pin('over-experimental', 990))) ?? '', /a priority for over-experimental/);
  for (const general of ['*', 'linux-*', '/^linux/', 'src:linux'])
    assert.match((await told(pin(general, 100))) ?? '', /for more than single packages/);
  tree.remove(file);
  tree.write(`${file}.bak`, pin('*', 1));
  assert.equal((await look(tree)).reason, null);
  tree.write(`${ROOT}/etc/apt/apt.conf.d/99own`, '// Default-Release\nAPT::Default-Release "stable";\n');
  assert.match((await look(tree)).reason ?? '', /99own sets a Default-Release/);
  fc.assert(fc.property(fc.string(), (text) => void parsePins(text)));
});

test('files are read again when one of them has changed, and only then', async (t) => {
  const tree = everyCase(t);
  const source = new LinuxSource(tree);
  const first = (await source.read()).packages;
  assert.equal((await source.read()).packages, first);
  tree.installed([{ name: 'old', version: '1.1' }]);
  assert.deepEqual(
    (await source.read()).packages?.map(({ installed }) => installed),
    ['1.1'],
  );
  const stamp = `${ROOT}/var/lib/apt/periodic/update-success-stamp`;
  tree.write(stamp, '');
  utimesSync(`${tree.root}/${stamp}`, 4_000_000_000, 4_000_000_000);
  assert.equal((await source.read()).listsTimestampMs, 4_000_000_000_000);
});
