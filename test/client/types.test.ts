import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { firstValueFrom } from 'rxjs';
import type { FieldsOf, NetinfoSample, TopicTypes } from '../../src/client/index.ts';
import { conformanceProblems } from '../../src/core/conformance.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { authorFolder } from '../helpers/author-folder.ts';
import { startAgent, within } from '../helpers/build-agent.ts';
import { clientOf } from '../helpers/heard.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const isSo = <_T extends true>() => {};
type Flat<T> = { [K in keyof T]: T[K] };

describe('a declaration is a type', () => {
  test('of what may be null, may be missing, is one of a few', () => {
    const fields = {
      count: { kind: 'counter', description: '' },
      rate: { kind: 'gauge', description: '', nullable: true },
      text: { kind: 'info', description: '' },
      either: { kind: 'info', description: '', type: ['string', 'integer'] },
      word: { kind: 'info', description: '', values: ['a', 'b'], optional: true },
      never: { kind: 'gauge', description: '', nullable: false },
    } as const;
    type Made = FieldsOf<typeof fields>;
    interface Expected {
      readonly count: number;
      readonly rate: number | null;
      readonly text: string;
      readonly either: string | number;
      readonly word?: 'a' | 'b';
      readonly never: number;
    }
    isSo<Same<Flat<Made>, Flat<Expected>>>();
  });

  test('of lists and groups; netinfo is what its README says', () => {
    type Interface = NetinfoSample['interfaces'][number];
    isSo<Same<Interface['rxBytesPerSecond'], number | null>>();
    isSo<Same<Interface['rateStatus'], 'ok' | 'first' | 'reset' | 'gap'>>();
    isSo<Same<Interface['iface'], string>>();
    isSo<Same<Interface['addresses'][number]['family'], 'ipv4' | 'ipv6'>>();
    isSo<Same<NetinfoSample['totals']['physical']['rxBytesPerSecond'], number | null>>();
    isSo<Same<NetinfoSample['sequence'], number>>();
    isSo<Same<TopicTypes['netinfo/events']['from'], string | readonly unknown[] | undefined>>();
    isSo<Same<TopicTypes['memory']['totalBytes'], number>>();
  });

  test('also where names are put together, of bursts, and of what another plugin answers', () => {
    type Burst = NonNullable<NetinfoSample['interfaces'][number]['burst']>;
    isSo<Same<NonNullable<Burst['rxBytesPerSecond']>['p95'], number | null>>();
    isSo<Same<Burst['samples'], number>>();
    type Sensors = Required<TopicTypes['sensors']>;
    isSo<Same<Sensors['temperatures'][number]['maxCelsius'], number | null>>();
    isSo<Same<Sensors['fans'][number]['rpm'], number | null>>();
    isSo<Same<Extract<keyof Sensors['fans'][number], `${string}elsius`>, never>>();
    isSo<Same<TopicTypes['sockets']['tcp']['activeOpensPerSecond'], number | null>>();
    isSo<Same<TopicTypes['sockets']['udp6']['inUse'], number | null>>();
    isSo<Same<Extract<keyof TopicTypes['sockets']['other'], 'burst' | 'established'>, never>>();
    isSo<Same<NonNullable<TopicTypes['sockets/states']['tcp']>['timeWait'], number>>();
    isSo<Same<NonNullable<TopicTypes['kernel']['fileHandles']>['allocated'], number>>();
    isSo<Same<NonNullable<TopicTypes['kernel']['raid']>[number]['device'], string>>();
    isSo<Same<TopicTypes['systeminfo']['network'], NetinfoSample | null | undefined>>();
    isSo<Same<TopicTypes['systeminfo']['uptime'], number | null | undefined>>();
  });
});

/** Every name of TopicTypes: the compiler wants each. */
const NAMES: Readonly<Record<keyof TopicTypes, true>> = {
  containers: true,
  'containers/events': true,
  cpu: true,
  disks: true,
  'disks/events': true,
  filesystems: true,
  'filesystems/events': true,
  kernel: true,
  memory: true,
  netinfo: true,
  'netinfo/events': true,
  pressure: true,
  processes: true,
  sensors: true,
  sockets: true,
  'sockets/states': true,
  system: true,
  systeminfo: true,
  upgrades: true,
  'upgrades/events': true,
};

test('what the built-in plugins publish is what their types are made from', async (t) => {
  const { url, registry } = await startAgent(t, { plugins: builtIns });
  const client = clientOf(t, url);
  const published = registry.all.flatMap(({ route, topics }) => topics.names.map((name, at) => (at === 0 ? route : `${route}/${name}`)));
  assert.deepEqual(Object.keys(NAMES), published.sort());
  for (const name of Object.keys(NAMES) as (keyof TopicTypes)[]) {
    const [route = '', topic] = name.split('/');
    const plugin = registry.find(route);
    assert.ok(plugin, name);
    if (topic) {
      assert.ok(plugin.topics.has(topic) && plugin.pluginClass?.topicFields?.[topic], name);
      continue;
    }
    const value = await within(firstValueFrom(client.topic(name)), name);
    assert.deepEqual(conformanceProblems(plugin.pluginClass?.fields ?? {}, value), [], name);
  }
});

test('a program for a page is compiled', { timeout: 120_000 }, (t) => {
  const { folder } = authorFolder(t);
  const declared = resolve(dirname(fileURLToPath(import.meta.url)), '../../src/client/index.js');
  const program = `
    import { connect, bytesBetween } from '${declared}';
    const client = connect('http://127.0.0.1:9192', { transports: ['sse'], fetch, WebSocket });
    client.topic('netinfo', { interval: '1s' }).subscribe(({ interfaces }) => interfaces.map((one) => one.rxBytesPerSecond?.toFixed()));
    client.topic<{ n: number }>('clock').subscribe(({ n }) => n.toFixed());
    client.events('netinfo').subscribe((event) => { if (event.type === 'gap' && event.before) bytesBetween(event.before, event.before); });
    client.state$.subscribe((state) => { if (state.status === 'waiting') state.delayMs.toFixed(); });
    client.topic('netinfo', { when: 'rxErrors > 0' }).subscribe(({ event, path, lastedMs }) => [event === 'left', path.length, lastedMs?.toFixed()]);
    client.get('netinfo', { last: '5s' }).then((samples) => samples.map(({ interfaces }) => interfaces.length));
    client.get('cpu/history', { last: '5m' }).then(({ series }) => series['total/usedRatio']?.mean.map((mean) => mean?.toFixed()));
    // @ts-expect-error there is no such field
    client.topic('netinfo').subscribe(({ nothing }) => nothing);
  `;
  writeFileSync(`${folder}/page.ts`, program);
  const options = '--noEmit --strict --target es2022 --module nodenext --lib es2023,dom,dom.iterable --skipLibCheck --ignoreConfig';
  execFileSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), ...options.split(' '), `${folder}/page.ts`], {
    stdio: 'pipe',
  });
});
