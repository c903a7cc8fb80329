import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { configText } from '../../src/commands/show-config.ts';
import { type ConfigSources, loadConfig, type PluginDeclaration, withoutSecrets } from '../../src/core/config/config.ts';
import { environmentName } from '../../src/core/config/layers.ts';

const folder = mkdtempSync(join(tmpdir(), 'hostpulse-config-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(text: string, name = `${files++}.yaml`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const strict: PluginDeclaration = {
  name: 'clock',
  parameterSchema: {
    zone: { doc: 'zone', format: 'text', default: 'utc' },
    everyMs: { doc: 'pace', format: 'positiveInteger', default: 200 },
  },
};
const loose: PluginDeclaration = { name: 'loose', parameterSchema: undefined };

const load = (sources: ConfigSources = {}) => loadConfig([strict, loose], { values: {}, ...sources });
const flags = (key: string, value: string, flag: string) => new Map([[key, { value, flag }]]);

/** The problems that the one message lists. */
async function problemsOf(sources: ConfigSources): Promise<string[]> {
  try {
    await load(sources);
  } catch (error) {
    assert.equal((error as { code: string }).code, 'HOSTPULSE_ERR_CONFIG');
    const [heading, ...lines] = (error as Error).message.split('\n');
    const problems = lines.filter((line) => line.startsWith('  - ')).map((line) => line.slice(4));
    assert.match(heading as string, new RegExp(`^${problems.length} problems? in the configuration:$`));
    return problems;
  }
  return [];
}

/** The only problem. */
async function problemOf(sources: ConfigSources): Promise<string> {
  const problems = await problemsOf(sources);
  assert.equal(problems.length, 1, problems.join('\n'));
  return problems[0] as string;
}

describe('a value', () => {
  test('is the default where nobody sets it', async () => {
    const { server, plugins } = await load();
    assert.equal(server.network.port, 9192);
    assert.equal(server.network.host, '127.0.0.1');
    assert.deepEqual(plugins.get('clock'), {
      settings: { enabled: true, routePath: '', apiKey: '' },
      parameters: { zone: 'utc', everyMs: 200 },
    });
  });

  test('comes from embedder, file, environment and flag, the later the stronger, and its origin is known', async () => {
    const layers: [ConfigSources, number, string][] = [];
    const values = { network: { port: 1 } };
    const path = file('network:\n  port: 2\n');
    const environment = { HOSTPULSE_NETWORK_PORT: '3' };
    layers.push([{}, 9192, 'default']);
    layers.push([{ values }, 1, 'embedder']);
    layers.push([{ values, file: path }, 2, path]);
    layers.push([{ values, file: path, environment }, 3, 'HOSTPULSE_NETWORK_PORT']);
    layers.push([{ values, file: path, environment, flags: flags('network.port', '4', '--port') }, 4, '--port']);
    for (const [sources, port, origin] of layers) {
      const { server, entries } = await load(sources);
      assert.equal(server.network.port, port);
      assert.equal(entries.find(({ key }) => key === 'network.port')?.origin, origin);
    }
  });

  test('cannot be changed once it is loaded', async () => {
    const { server, plugins } = await load({ values: { plugins: { loose: { list: [1] } } } });
    assert.throws(() => Object.assign(server.network, { port: 1 }), TypeError);
    const list = plugins.get('loose')?.parameters.list as number[] | undefined;
    assert.deepEqual(list, [1]);
    assert.ok(Object.isFrozen(list));
  });
});

describe('the environment', () => {
  test('names every key by one rule', () => {
    assert.equal(environmentName('network.port'), 'HOSTPULSE_NETWORK_PORT');
    assert.equal(environmentName('auth.apiKey'), 'HOSTPULSE_AUTH_API_KEY');
    assert.equal(environmentName('plugins.my-clock.everyMs'), 'HOSTPULSE_PLUGINS_MY_CLOCK_EVERY_MS');
  });

  test('sets numbers, flags, lists and a plugin’s parameters', async () => {
    const { server, plugins } = await load({
      environment: {
        HOSTPULSE_LIMITS_BODY_BYTES: ' 1000 ',
        HOSTPULSE_AUTH_ANONYMOUS: 'Yes',
        HOSTPULSE_CORS_ORIGINS: 'https://a.example, https://b.example,',
        HOSTPULSE_PLUGINS_CLOCK_EVERY_MS: '50',
        HOSTPULSE_PLUGINS_LOOSE_ENABLED: 'off',
        PATH: '/bin',
      },
    });
    assert.equal(server.limits.bodyBytes, 1000);
    assert.equal(server.auth.anonymous, true);
    assert.deepEqual(server.cors.origins, ['https://a.example', 'https://b.example']);
    assert.equal(plugins.get('clock')?.parameters.everyMs, 50);
    assert.equal(plugins.get('loose')?.settings.enabled, false);
  });

  test('gives a secret by file, and the variable itself wins over the file unless it is empty', async () => {
    const path = file('from-file\n', 'secret');
    const keyOf = async (environment: Record<string, string>) => {
      const { server, entries } = await load({ environment });
      return [server.auth.apiKey, entries.find(({ key }) => key === 'auth.apiKey')?.origin];
    };
    const [plain, byFile] = ['HOSTPULSE_AUTH_API_KEY', 'HOSTPULSE_AUTH_API_KEY_FILE'];
    assert.deepEqual(await keyOf({ [byFile]: path }), ['from-file', byFile]);
    for (const inOrder of [(a: object, b: object) => ({ ...a, ...b }), (a: object, b: object) => ({ ...b, ...a })]) {
      assert.deepEqual(await keyOf(inOrder({ [plain]: 'direct' }, { [byFile]: path })), ['direct', plain]);
      assert.deepEqual(await keyOf(inOrder({ [plain]: '' }, { [byFile]: path })), ['from-file', byFile]);
    }
    const { plugins } = await load({ environment: { HOSTPULSE_PLUGINS_CLOCK_API_KEY_FILE: path } });
    assert.equal(plugins.get('clock')?.settings.apiKey, 'from-file');
  });

  test('is refused where a secret’s file is missing or empty, and where a value that is no secret names a file', async () => {
    const name = 'HOSTPULSE_AUTH_API_KEY_FILE';
    assert.equal(await problemOf({ environment: { [name]: '/nowhere/key' } }), `${name}: /nowhere/key cannot be read (ENOENT)`);
    const empty = file(' \n', 'empty-secret');
    assert.equal(await problemOf({ environment: { [name]: empty, HOSTPULSE_NETWORK_HOST: '0.0.0.0' } }), `${name}: ${empty} is empty`);
    assert.match(await problemOf({ environment: { HOSTPULSE_NETWORK_PORT_FILE: '/x' } }), /^HOSTPULSE_NETWORK_PORT_FILE: no such variable/);
  });

  test('is refused where a variable is unknown, with the nearest known one', async () => {
    assert.equal(
      await problemOf({ environment: { HOSTPULSE_NETWORK_PROT: '1' } }),
      'HOSTPULSE_NETWORK_PROT: no such variable; did you mean HOSTPULSE_NETWORK_PORT?',
    );
    assert.match(await problemOf({ environment: { HOSTPULSE_COLOUR_OF_THE_SKY: '1' } }), /hostpulse config lists them all$/);
    assert.match(await problemOf({ environment: { HOSTPULSE_PORT: '8080' } }), /^HOSTPULSE_PORT: no such variable/);
  });

  test('may hold what Kubernetes sets for a Service of our name', async () => {
    await load({
      environment: {
        HOSTPULSE_SERVICE_HOST: '10.0.0.1',
        HOSTPULSE_SERVICE_PORT: '9192',
        HOSTPULSE_SERVICE_PORT_HTTP: '9192',
        HOSTPULSE_PORT: 'tcp://10.0.0.1:9192',
        HOSTPULSE_PORT_9192_TCP: 'tcp://10.0.0.1:9192',
        HOSTPULSE_PORT_9192_TCP_ADDR: '10.0.0.1',
      },
    });
  });
});

describe('a file', () => {
  test('may be YAML or JSON, and may be empty', async () => {
    const portOf = async (text: string) => (await load({ file: file(text) })).server.network.port;
    assert.equal(await portOf('network: { port: 81 }'), 81);
    assert.equal(await portOf('{"network":{"port":82}}'), 82);
    assert.equal(await portOf(''), 9192);
    assert.equal(await portOf('# nothing yet\n'), 9192);
  });

  test('may have sections and keys with nothing behind them', async () => {
    const { server, plugins } = await load({ file: file('auth:\n#  apiKey: x\nplugins:\nnetwork: {}\ncors:\n  origins:\n') });
    assert.deepEqual([server.auth.apiKey, server.cors.origins], ['', []]);
    await load({ file: file('plugins:\n  clock:\n  loose:\n') });
    assert.equal(plugins.get('clock')?.parameters.zone, 'utc');
  });

  test('that is missing, broken or not made of sections is refused, by name', async () => {
    assert.equal(await problemOf({ file: '/nowhere/x.yaml' }), '/nowhere/x.yaml: cannot be read (ENOENT)');
    const broken = file('network: [1,\n');
    assert.ok((await problemOf({ file: broken })).startsWith(`${broken}: `));
    for (const text of ['- a\n- b\n', 'just words', '7']) {
      const path = file(text);
      const problem = await problemOf({ file: path });
      assert.ok(problem.startsWith(`${path}: holds `) && problem.endsWith(', not sections of keys'), problem);
    }
  });

  test('with an unknown key is refused, with the nearest known one and the file', async () => {
    const path = file('network:\n  prot: 1\n');
    assert.equal(await problemOf({ file: path }), `network.prot: no such key; did you mean network.port? (${path})`);
    const unknown = file('plugins:\n  clokc:\n    zone: x\n');
    assert.match(await problemOf({ file: unknown }), /^plugins\.clokc\.zone: no such key; did you mean plugins\.clock\.zone\?/);
    assert.match(await problemOf({ file: file('colours:\n') }), /^colours: no such key/);
  });

  test('that gives a value for a section, or a section for a value, is told so', async () => {
    const path = file('network: 80\n');
    assert.equal(await problemOf({ file: path }), `network: a section, not a value; it holds host, port, allowedHosts (${path})`);
    assert.match(await problemOf({ file: file('network:\n  port:\n    tcp: 80\n') }), /^network\.port\.tcp: no such key/);
  });

  test('hands parameters of any shape to a plugin without a schema, but never a prototype', async () => {
    const path = file('plugins:\n  loose:\n    a: { b: [1, { c: 2 }] }\n    routePath: other\n');
    const { plugins, entries } = await load({ file: path });
    assert.deepEqual(plugins.get('loose')?.parameters, { a: { b: [1, { c: 2 }] } });
    assert.equal(plugins.get('loose')?.settings.routePath, 'other');
    assert.equal(entries.find(({ key }) => key === 'plugins.loose.a.b')?.origin, path);
    assert.match(await problemOf({ file: file('plugins:\n  loose:\n    __proto__: { polluted: 1 }\n') }), /__proto__/);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });
});

describe('a wrong value is refused, with key, expectation and value', () => {
  const cases: [string, unknown[], RegExp][] = [
    ['network.port', [65_536, -1, 1.5, '80abc', true, '', ' '], /allowed: 0 to 65535 \(0: any free port\): value was /],
    ['limits.bodyBytes', [0, -5, 1.5, 'many', 2 ** 31], /allowed: a whole number from 1: value was /],
    ['auth.anonymous', ['maybe', 2, 'ja'], /allowed: true or false: value was /],
    ['tls.certFile', [5, true], /allowed: text \(put numbers into quotes\): value was /],
    ['network.host', ['', '  ', 5], /allowed: text that is not empty: value was /],
    ['paths.procfs', ['proc', './proc', 5], /allowed: an absolute path: value was /],
    ['plugins.clock.routePath', ['a/b', '-a', 'ü', '%41'], /allowed: letters, digits, - and _ \(one URL segment\): value was /],
    ['cors.origins', [[5], 7], /allowed: a list of texts: value was /],
    ['log.level', ['loud'], /must be one of the possible values: .*"trace".*: value was /],
  ];
  for (const [key, wrong, expectation] of cases) {
    test(`as of ${key}`, async () => {
      for (const value of wrong) {
        const tree = key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object;
        const problem = await problemOf({ values: tree });
        assert.ok(problem.startsWith(`${key}: `), problem);
        assert.match(problem, expectation);
        assert.ok(problem.endsWith(`value was ${JSON.stringify(value)}`), problem);
      }
    });
  }

  test('but never a secret itself', async () => {
    const problem = await problemOf({ values: { auth: { apiKey: 12_345 } } });
    assert.ok(problem.startsWith('auth.apiKey: allowed: text'), problem);
    assert.ok(!problem.includes('12345'), problem);
  });
});

describe('rules between keys', () => {
  test('refuse to listen wide without a key, and say how to go on', async () => {
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'box.example', '127.0.0.1.evil.example']) {
      const problem = await problemOf({ values: { network: { host } } });
      for (const way of ['HOSTPULSE_AUTH_API_KEY=', 'HOSTPULSE_AUTH_ANONYMOUS=true', '127.0.0.1'])
        assert.ok(problem.includes(way), problem);
    }
  });

  test('let an agent listen wide with a key or with anonymous said out loud, and on loopback without either', async () => {
    await load({ values: { network: { host: '0.0.0.0' }, auth: { apiKey: 'k' } } });
    await load({ values: { network: { host: '::' }, auth: { anonymous: true } } });
    for (const host of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) await load({ values: { network: { host } } });
  });

  test('refuse a key together with anonymous', async () => {
    assert.match(await problemOf({ values: { auth: { apiKey: 'k', anonymous: true } } }), /exclude each other/);
  });

  test('refuse paths that are no directories, and origins that are none', async () => {
    assert.equal(await problemOf({ values: { paths: { sysfs: '/nowhere' } } }), 'paths.sysfs: /nowhere is not a directory');
    assert.equal(await problemOf({ values: { paths: { rootfs: '/nowhere' } } }), 'paths.rootfs: /nowhere is not a directory');
    const path = file('', 'a-file');
    assert.equal(await problemOf({ values: { paths: { procfs: path } } }), `paths.procfs: ${path} is not a directory`);
    for (const origin of ['*', 'example.org', 'https://example.org/', 'https://example.org/path', 'null', '']) {
      assert.match(
        await problemOf({ values: { cors: { origins: ['https://good.example', origin] } } }),
        /^cors\.origins: '.*' is not an origin; allowed: scheme/,
      );
    }
    await load({ values: { cors: { origins: ['https://good.example', 'http://localhost:3000'] } } });
  });

  test('refuse TLS that is set by half or cannot be read', async () => {
    assert.match(await problemOf({ values: { tls: { certFile: '/x' } } }), /only one is set; TLS needs both/);
    assert.match(await problemOf({ values: { tls: { keyFile: '/x' } } }), /only one is set/);
    assert.match(
      await problemOf({ values: { tls: { certFile: '/nowhere', keyFile: '/nowhere' } } }),
      /^tls\.certFile, tls\.keyFile: ENOENT/,
    );
    const junk = file('junk', 'junk.pem');
    assert.match(await problemOf({ values: { tls: { certFile: junk, keyFile: junk } } }), /^tls\.certFile, tls\.keyFile: /);
  });
});

test('all problems stand in one message, and rules say nothing of keys that are wrong already', async () => {
  const path = file(
    'network:\n  port: banana\n  hots: x\ntls:\n  certFile: /only-one\npaths:\n  procfs: /nowhere\nplugins:\n  clock:\n    everyMs: 0\n',
  );
  const problems = await problemsOf({
    file: path,
    environment: {
      HOSTPULSE_LOG_LEVEL: 'loud',
      HOSTPULSE_NOPE: '1',
      HOSTPULSE_AUTH_API_KEY_FILE: '/nowhere',
      HOSTPULSE_NETWORK_HOST: '0.0.0.0',
    },
  });
  const begins = [
    'HOSTPULSE_NOPE:',
    'HOSTPULSE_AUTH_API_KEY_FILE:',
    'network.hots:',
    'network.port:',
    'log.level:',
    'plugins.clock.everyMs:',
    'tls.certFile and',
    'paths.procfs:',
  ];
  for (const begin of begins)
    assert.ok(
      problems.some((problem) => problem.startsWith(begin)),
      `${begin} in\n${problems.join('\n')}`,
    );
  assert.equal(problems.length, begins.length, problems.join('\n'));
});

describe('secrets', () => {
  const sources = { values: { auth: { apiKey: 'top-secret' }, plugins: { clock: { apiKey: 'also-secret' } } } };

  test('are masked where the configuration is shown, also where they are not set', async () => {
    const text = configText(await load(sources));
    assert.ok(!text.includes('secret'), text);
    assert.match(text, /^auth\.apiKey +\(set, not shown\) +embedder$/m);
    assert.match(text, /^plugins\.clock\.apiKey +\(set, not shown\) +embedder$/m);
    assert.match(text, /^plugins\.loose\.apiKey +\(not set\) +default$/m);
    assert.match(text, /^network\.port +9192 +default$/m);
  });

  test('are not in what plugins see', async () => {
    const { server } = await load(sources);
    const visible = withoutSecrets(server);
    assert.ok(!JSON.stringify(visible).includes('secret'));
    assert.deepEqual(visible.auth, { anonymous: false });
    assert.throws(() => Object.assign(visible.auth as object, { anonymous: true }), TypeError);
  });
});

test('a value that is long leaves the lines of all others as long as they are', async () => {
  const origins = Array.from({ length: 40 }, (_, at) => `https://${at}.example`);
  const lines = configText(await load({ values: { cors: { origins } } })).split('\n');
  const isLong = (line: string) => line.length > 100;
  assert.deepEqual(
    lines.filter(isLong).map((line) => line.split(' ')[0]),
    ['cors.origins'],
  );
  assert.match(lines.find(isLong) ?? '', /"\] {2}embedder$/);
});

test('HOSTPULSE_CONFIG names the file, and --config wins over it', async () => {
  const named = file('network:\n  port: 1\n');
  const environment = { HOSTPULSE_CONFIG: named };
  assert.equal((await load({ environment })).server.network.port, 1);
  assert.equal((await load({ environment, file: file('network:\n  port: 2\n') })).server.network.port, 2);
});
