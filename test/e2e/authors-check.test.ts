import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authorFolder } from '../helpers/author-folder.ts';

/** Does wrong whatever a plugin can. */
const MESSY = `
import { createServer } from 'node:net';
import { BasePlugin, type RequestData } from 'hostpulse/plugin';
import { interval, map, of, Subject } from 'rxjs';
export default class Messy extends BasePlugin {
  static override readonly parameterSchema = { pace: { format: 'positiveInteger', default: 5 } };
  static override readonly fields = { n: { kind: 'counter', description: '' }, when: { kind: 'gauge', unit: 'ms', description: 'it was' } } as const;
  static override readonly variables = { zone: { description: 'a zone', example: 'Mars' } };
  override initialize() {
    setInterval(() => {}, 1000);
    this.plugins.observe('cpu').subscribe();
    createServer().listen(0);
    const endMs = Date.now() + 80;
    while (Date.now() < endMs);
    setTimeout(() => { throw new Error('stray'); }, 100);
    this.log.warn('something is odd');
  }
  requestHandler(data: RequestData) {
    if (data.zone === 'Mars') throw new Error('no such planet');
    return [200, { n: 'one', extra: data.colour ?? null }] as const;
  }
  override observables() {
    return { a: interval(100).pipe(map((n) => ({ n }))), b: new Subject(), c: of(1) };
  }
}`;
/** Has parameters and wants a variable. */
const ZONE = `
import { type Answer, BasePlugin, badVariable, type Fields, type RequestData, refuseUnknown } from 'hostpulse/plugin';
export default class Zone extends BasePlugin<{ readonly zone: string; readonly secret: string }> {
  static override readonly version = '1.2.3';
  static override readonly parameterSchema = {
    zone: { doc: 'where', format: 'name', default: 'UTC' },
    secret: { doc: 'hidden', format: 'text', default: '', sensitive: true },
  };
  static override readonly fields = { zone: { kind: 'info', description: 'where' }, day: { kind: 'info', description: 'when' } } as const satisfies Fields;
  static override readonly variables = { day: { description: 'when', example: 'today' } };
  requestHandler({ requestHeaders, subpath, method, clientIp, ...query }: RequestData): Answer {
    refuseUnknown(query, ['day']);
    if (query.day === undefined) throw badVariable('day', query.day, 'a day');
    return [200, { zone: this.parameters.zone, day: query.day }];
  }
}`;

/** Numbers what it publishes, and remembers it as `past` says. */
const remembering = (name: string, past: string) => `
import { BasePlugin } from 'hostpulse/plugin';
import { interval, map } from 'rxjs';
export default class ${name} extends BasePlugin {
  static fields = { sequence: { kind: 'info', type: 'number', description: '' } };
  kept = [];
  values = () => interval(50).pipe(map((n) => { const value = { sequence: n + 1, odd: n }; this.kept.push(value); return value; }));
  past = (_query, { afterSequence }) => ({ values: ${past}, completeAfter: 1, newest: this.kept.at(-1)?.sequence ?? null });
  observables() { return { ticks: { values: this.values, past: this.past } }; }
  requestHandler() { return [200, { sequence: 0 }]; }
}`;

describe('hostpulse check', () => {
  test('asks a plugin that remembers for its past, and tells what is wrong with a value once', async (t) => {
    const behind = 'this.kept.filter(({ sequence }) => sequence > afterSequence)';
    const { hostpulse } = authorFolder(t, {
      'plugins/good.js': remembering('Good', behind),
      'plugins/deaf.js': remembering('Deaf', 'this.kept'),
      'plugins/backward.js': remembering('Backward', `${behind}.reverse()`),
      'plugins/broken.js': remembering('Broken', 'null'),
    });
    const check = async (name: string) => (await hostpulse('check', `plugins/${name}.js`, '--seconds', '0.5')).stdout;
    const good = await check('good');
    assert.match(good, /✓ past of ticks +\d+ values since 1, each behind the one before/);
    assert.equal(good.match(/✗ topic ticks +odd is 0, and is not declared/g)?.length, 1);
    assert.equal(good.match(/✗ topic ticks/g)?.length, 1);
    assert.match(await check('deaf'), /✗ past of ticks +asked for what came behind 1, it begins with 1/);
    assert.match(await check('backward'), /✗ past of ticks +sequence \d+ comes after \d+/);
    assert.match(await check('broken'), /✗ past of ticks +failed: [\s\S]*"values":null/);
  });

  test('goes on to the end where topics cannot be opened, beside a file with the name of a neighbour that is built in', async (t) => {
    const { hostpulse } = authorFolder(t, {
      'plugins/cpu.js': 'export default 1;',
      'plugins/torn.js': `
import { BasePlugin } from 'hostpulse/plugin';
import { NEVER, of } from 'rxjs';
const past = () => ({ values: [], completeAfter: 0, newest: null });
export default class Torn extends BasePlugin {
  requestHandler() { return this.plugins.ask('cpu').then(() => [200, { sees: 'cpu' }]); }
  observables() {
    return {
      fails: () => { throw new Error('no such thing'); },
      forgets: { values: () => NEVER, past, remembers: () => { throw new Error('no memory'); } },
      works: of({ n: 1 }),
    };
  }
}`,
    });
    const { code, stdout } = await hostpulse('check', 'plugins/torn.js', '--seconds', '0.2');
    assert.equal(code, 1);
    assert.match(stdout, /✓ GET \/torn +200 after .*{"sees":"cpu"}/);
    assert.match(stdout, /✗ topic fails +failed: no such thing\n/);
    assert.match(stdout, /✗ topic forgets +failed: no memory\n/);
    assert.match(stdout, /✓ topic works +1 value in /);
    assert.match(stdout, /✓ terminate [\s\S]*\n\d+ problems?(, \d+ hints?)?\n$/);
  });

  test('tells all that is wrong with a plugin, and what to do', async (t) => {
    const { hostpulse } = authorFolder(t, { 'plugins/messy.ts': MESSY });
    const { code, stdout } = await hostpulse('check', 'plugins/messy.ts', '--seconds', '0.5');
    assert.equal(code, 1);
    for (const line of [
      '✓ load                  class Messy',
      '✓ parameters            pace=5',
      '✗ answer                n is "one"; declared: a counter, a finite number, not below 0',
      '✗ answer                when is missing; ',
      '✗ answer                extra is null, and is not declared',
      '✗ GET ?zone=Mars        is declared, but failed: no such planet at plugins/messy.ts:19:',
      '! variables             zone; others are answered as if they were not there',
      "! variables             requestHandler reads 'colour', which is not declared",
      '✗ topic a               when is missing; ',
      '✓ topic b               nothing in 500 ms',
      '! topic c               has ended',
      "✗ declaration           n has the description ''",
      '! declaration           declares no fields for the topic b',
      '! declaration           the parameter pace has no doc',
      '! declaration           has no version',
      '✗ terminate             leaves behind: 1 timer, 1 subscription, TCPServerWrap',
      '→ keep what subscribe(), setInterval(), watch() and the like return, and end it in terminate()',
      '! log                   warn: something is odd',
    ])
      assert.ok(stdout.includes(line), `${line}\n---\n${stdout}`);
    assert.match(stdout, /✗ (uncaught|log) +.*Error: stray\n/);
    // A busy machine may hold it up, too.
    assert.match(stdout, /^ +! event loop +held up (once|\d+ times), for up to /m);
    assert.match(stdout, /\n\d+ problems, \d+ hints\n$/);
    assert.ok(!stdout.includes('\u001b'), 'no colour where there is no terminal');
  });

  test('ends with 1 where a plugin does not load or start, and says where', async (t) => {
    const { hostpulse } = authorFolder(t, {
      'plugins/broken.ts': 'export default class {\n  const x;\n}',
      'plugins/fails.ts':
        "import { BasePlugin } from 'hostpulse/plugin';\nexport default class Fails extends BasePlugin {\n  initialize() {\n    throw new Error('cannot start');\n  }\n  requestHandler() { return [200, 1] as const; }\n}",
      'plugins/cpu.ts': 'export default 1;',
      'plugins/none.ts': 'export const x = 1;',
    });
    const said: [string, RegExp][] = [
      ['broken', /✗ load +.*broken\.ts:2/],
      ['fails', /✗ initialize +failed: cannot start at plugins\/fails\.ts:4:11\n/],
      ['cpu', /✗ load +.*the name 'cpu' is taken by the plugin that is built in; rename the file/],
      ['none', /✗ load +.*exports nothing by default; allowed: a class derived from BasePlugin/],
    ];
    for (const [name, message] of said) {
      const { code, stdout } = await hostpulse('check', `plugins/${name}.ts`);
      assert.equal(code, 1, name);
      assert.match(stdout, message);
      assert.match(stdout, /\n1 problem\n$/);
    }
  });

  test('takes parameters from --set and the configuration, and variables from --query', async (t) => {
    const { hostpulse } = authorFolder(t, {
      'plugins/zone.ts': ZONE,
      'agent.yaml': 'plugins: { zone: { zone: CET, secret: hunter2 } }',
    });
    const plain = await hostpulse('check', 'plugins/zone.ts', '--seconds', '0.1');
    assert.equal(plain.code, 0);
    assert.match(
      plain.stdout,
      /! GET \/zone +is refused: day is 'undefined'; allowed: a day \(HOSTPULSE_ERR_BAD_VARIABLE\)\n +→ --query NAME=VALUE/,
    );
    assert.match(plain.stdout, /\n1 hint\n$/);
    const given = await hostpulse('check', 'plugins/zone.ts', '--config', 'agent.yaml', '--query', 'day=a=b', '--seconds', '0.1');
    assert.match(given.stdout, /✓ load +class Zone, version 1\.2\.3\n/);
    assert.match(given.stdout, /✓ parameters +zone="CET" \(agent\.yaml\), secret=\(not shown\) \(agent\.yaml\)\n/);
    assert.match(given.stdout, /✓ GET \/zone\?day=a%3Db +200 after .* {"zone":"CET","day":"a=b"}\n/);
    assert.match(given.stdout, /✓ variables +day; others are refused\n/);
    assert.match(given.stdout, /✓ topics +none: it can be polled, and not be subscribed to\n/);
    assert.match(given.stdout, /! metrics of zone +day is 'undefined'.*\n +→ a scrape asks without variables/);
    assert.match(given.stdout, /\n1 hint\n$/);
    const set = await hostpulse(
      'check',
      'plugins/zone.ts',
      '--config',
      'agent.yaml',
      '--set',
      'zone=JST',
      '--query',
      'day=1',
      '--seconds',
      '0.1',
    );
    assert.match(set.stdout, /zone="JST" \(--set\)/);
  });

  test('runs one plugin, a directory of them, a folder, a package, or one that is built in', async (t) => {
    const { hostpulse } = authorFolder(t, {
      'plugins/zone.ts': ZONE,
      'plugins/bad.ts': "process.stdout.write('bad was run');",
      'plugins/house/plugin.ts': ZONE.replace('class Zone', 'class House'),
      'node_modules/hostpulse-plugin-ups/package.json': '{"name":"hostpulse-plugin-ups","type":"module","exports":"./ups.js"}',
      'node_modules/hostpulse-plugin-ups/ups.js':
        "import { BasePlugin } from 'hostpulse/plugin';\nexport default class Ups extends BasePlugin {\n  requestHandler() { return [200, { watts: 7 }]; }\n}",
    });
    const check = (operand: string) => hostpulse('check', operand, '--seconds', '0.1');
    const one = await check('plugins/zone.ts');
    assert.deepEqual([one.code, one.stdout.includes('bad was run')], [0, false]);
    assert.match((await check('plugins/house')).stdout, /\nhouse {2}\(plugins\/house\/plugin\.ts\)\n[\s\S]*class House/);
    assert.match((await check('plugins/house/plugin.ts')).stdout, /\nhouse {2}\(/);
    const all = await check('plugins');
    assert.equal(all.code, 1);
    for (const name of ['bad', 'house', 'zone']) assert.match(all.stdout, new RegExp(`^${name} {2}\\(`, 'm'));
    assert.match((await check('hostpulse-plugin-ups')).stdout, /\nups {2}\(node_modules\/[\s\S]*{"watts":7}/);
    const builtIn = await check('example');
    assert.deepEqual([builtIn.code, builtIn.stderr], [0, ''], builtIn.stdout);
    assert.match((await check('memory')).stdout, /✓ metrics of meminfo +node_memory_MemTotal_bytes/);
    const part = await hostpulse('check', 'netinfo', '--query', 'fields=iface', '--seconds', '0.5');
    assert.deepEqual([part.code, /is missing|reads 'fields'/.test(part.stdout)], [0, false], part.stdout);
  });

  test('ends with 2 where it is told nonsense, and says what would make sense', async (t) => {
    const { hostpulse } = authorFolder(t, { 'plugins/zone.ts': ZONE, 'plugins/_help.ts': '', 'empty/readme.md': '' });
    const wrong: [string[], RegExp][] = [
      [['nothing'], /there is no file, directory, npm package or built-in plugin 'nothing' here/],
      [['./nowhere'], /\.\/nowhere does not exist/],
      [['empty'], /empty holds no plugin; allowed: \.ts,/],
      [['plugins/_help.ts'], /plugins\/_help\.ts is no file that the agent takes for a plugin/],
      [['plugins/zone.ts', '--set', 'zone'], /--set is 'zone'; allowed: NAME=VALUE, such as --set zone=UTC/],
      [['plugins/zone.ts', '--set', 'zoen=UTC'], /plugins\.zone\.zoen: no such key; did you mean plugins\.zone\.zone\?/],
      [['plugins/zone.ts', '--set', 'zone='], /plugins\.zone\.zone: allowed: text that is not empty/],
      [['plugins/zone.ts', '--seconds', 'long'], /--seconds is 'long'; allowed: a number above 0, up to 3600/],
      [['plugins/zone.ts', '--watch'], /--watch is for hostpulse serve, config, not for hostpulse check/],
      [[], /check takes one argument, but got 0; such as: hostpulse check plugins\/queue\.ts/],
    ];
    for (const [args, message] of wrong) {
      const { code, stderr } = await hostpulse('check', ...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, message);
    }
  });
});
