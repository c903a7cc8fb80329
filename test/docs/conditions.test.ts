import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Fields } from '../../src/core/base-plugin.ts';
import { unitTable } from '../../src/core/conditions/units.ts';
import { turnFields } from '../../src/core/openapi/stream-variables.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { startAgent } from '../helpers/build-agent.ts';
import { boundToFields } from '../helpers/conditions.ts';
import { assertDocSection, markdownTable } from '../helpers/doc-section.ts';
import { showsAs } from '../helpers/guide-blocks.ts';
import { listen } from '../helpers/sse-client.ts';

const FILE = 'docs/conditions.md';
const text = readFileSync(FILE, 'utf8');

function fieldsOf(topic: string): Fields {
  const [plugin, name] = topic.slice(1).split('/');
  const declared = builtIns[plugin as string] as { fields?: Fields; topicFields?: Readonly<Record<string, Fields>> };
  return (name ? declared.topicFields?.[name] : declared.fields) as Fields;
}

test('all conditions of the guide are conditions, of the fields that there are', () => {
  const rows = [...text.matchAll(/^\| `(\/[\w/]+)(?:\?\S+)?` \| `(.+)` \| (?!`)/gm)];
  assert.ok(rows.length >= 14);
  for (const [, topic, condition] of rows) boundToFields(condition as string, fieldsOf(topic as string));
});

const WRONG: readonly (readonly [topic: string, condition: string])[] = [
  ['/netinfo', 'rxBytesPerSecond>10MB/x for 5s'],
  ['/netinfo', 'rxBytePerSecond > 10MB/s'],
  ['/netinfo', 'rxBytesPerSecond > 10MB/s for 5'],
  ['/netinfo', 'rxBytes > 1 && txBytes > 1'],
  ['/netinfo', 'rateStatus = okay'],
  ['/netinfo', 'interfaces/rxBytes > 1GB'],
  ['/memory', '(usedRatio > 90%'],
];

test('what is wrong is told as the guide says', () => {
  const rows = WRONG.map(([topic, condition]) => {
    let message = '';
    try {
      boundToFields(condition, fieldsOf(topic));
    } catch (error) {
      message = (error as Error).message;
    }
    assert.ok(message.toLowerCase().endsWith(` in '${condition.toLowerCase()}'`), condition);
    return [`\`${topic}\``, `\`${condition}\``, `\`${message.slice(0, message.search(/(; in| In) '/))}\``];
  });
  assertDocSection(FILE, 'errors', markdownTable(['of', '`when=`', 'error'], rows));
});

test('the units and the fields of an event are those of the code', () => {
  const rows = unitTable().map(([declared, allowed]) => [`\`${declared}\``, allowed.map((unit) => `\`${unit}\``).join(', ')]);
  rows.push(['any other, such as `packets`', '`k`, `M`, `G`, `T`']);
  assertDocSection(FILE, 'units', markdownTable(['declared in', 'may be given in'], rows));
  const fields = Object.entries(turnFields).map(([name, { description }]) => [`\`${name}\``, description]);
  assertDocSection(FILE, 'turn', markdownTable(['field', 'meaning'], fields));
});

test('the stream is as shown', async (t) => {
  const [, url = '', shown = ''] = /^\$ curl -sN .*'http:\/\/127\.0\.0\.1:9192(\S+)'\n([\s\S]*?)```/m.exec(text) ?? [];
  const agent = await startAgent(t, { plugins: { netinfo: builtIns.netinfo as never } });
  const { id, data } = await (await listen(t, agent.url + url)).next();
  assert.ok(showsAs(shown.split('\n'), `id: ${id}\ndata: ${data}\n`), data);
});
