import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type PluginList, readSetup } from '../../src/core/loading/plugin-loader.ts';
import { PluginManager } from '../../src/core/loading/plugin-manager.ts';
import { Registry } from '../../src/core/running/registry.ts';
import { recordingLog } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';

async function registryOf(plugins: PluginList, parameters: object = {}): Promise<Registry> {
  const setup = await readSetup(plugins, { values: { plugins: parameters } });
  const registry = new Registry();
  new PluginManager({ registry, setup, log: recordingLog() });
  return registry;
}

function whyFailed(registry: Registry, name: string): string | undefined {
  const plugin = registry.all.find((each) => each.name === name);
  assert.equal(plugin?.state, 'failed');
  return plugin?.statistics.lastError?.message;
}

describe('a route', () => {
  test('is the class’s name in lower case, what the plugin sets, or its routePath, the last one winning', async () => {
    const { BasePlugin } = await import('../../src/core/base-plugin.ts');
    class MyClock extends BasePlugin {
      override requestHandler() {
        return [200, null] as const;
      }
    }
    const registry = await registryOf(
      { byClass: MyClock, own: pluginOf('own'), moved: pluginOf('before') },
      { moved: { routePath: 'after' } },
    );
    assert.deepEqual(
      registry.all.map(({ route }) => route),
      ['myclock', 'own', 'after'],
    );
    assert.equal(registry.get('after').name, 'moved');
    assert.equal(registry.find('before'), undefined);
  });

  test('belongs to who comes first; the second is refused by name and told the way out', async () => {
    const registry = await registryOf({ first: pluginOf('same'), second: pluginOf('same') });
    assert.equal(registry.get('same').name, 'first');
    assert.equal(whyFailed(registry, 'second'), "route /same belongs to plugin 'first'; give 'second' a routePath of its own");
    await registry.initializeAll();
    assert.deepEqual(
      registry.all.map(({ state }) => state),
      ['ready', 'failed'],
    );
  });

  test('of the agent’s own is refused', async () => {
    for (const route of ['stream', 'plugins', 'reload', 'health', 'metrics', 'openapi.json']) {
      const registry = await registryOf({ greedy: pluginOf(route) });
      assert.equal(whyFailed(registry, 'greedy'), `route /${route} is the agent's own; give 'greedy' a routePath`);
      assert.throws(() => registry.get(route), { code: 'HOSTPULSE_ERR_NO_SUCH_PLUGIN' });
    }
  });

  test('of the agent’s own is refused in capitals, too', async () => {
    const registry = await registryOf({ loud: pluginOf('Reload') });
    assert.equal(whyFailed(registry, 'loud'), "route /Reload is the agent's own; give 'loud' a routePath");
  });

  test('that is not one URL segment is refused', async () => {
    for (const route of ['a/b', 'a b', '.', '..', '-a', '%41', 'ü', 'a?b']) {
      assert.match(
        whyFailed(await registryOf({ odd: pluginOf(route) }), 'odd') ?? '',
        /is not one URL segment of letters, digits, - and _$/,
        route,
      );
    }
  });

  test('that nobody has is a 404 that lists what there is, and repeats no more than a piece of it', async () => {
    const registry = await registryOf({ b: pluginOf('beta'), a: pluginOf('alpha') });
    assert.throws(() => registry.get('x'.repeat(1000)), {
      code: 'HOSTPULSE_ERR_NO_SUCH_PLUGIN',
      message: `No plugin at /${'x'.repeat(80)}; there is: /alpha, /beta, /plugins, /health, /metrics, /openapi.json, /stream`,
    });
    assert.throws(() => registry.get('__proto__'), { code: 'HOSTPULSE_ERR_NO_SUCH_PLUGIN' });
  });
});

describe('plugins', () => {
  test('that are switched off are not made', async () => {
    let isMade = false;
    const off = pluginOf('off', { construct: () => (isMade = true) });
    const registry = await registryOf({ off, on: pluginOf('on') }, { off: { enabled: false } });
    assert.deepEqual([registry.all.map(({ name }) => name), isMade], [['on'], false]);
  });

  test('initialize side by side and terminate one by one, the newest first', async () => {
    const said: string[] = [];
    const talker = (name: string) =>
      pluginOf(name, {
        initialize: async () => {
          said.push(`${name} begins`);
          await new Promise((resolve) => setImmediate(resolve));
          said.push(`${name} is ready`);
        },
        terminate: async () => {
          said.push(`${name} ends`);
          await new Promise((resolve) => setImmediate(resolve));
          said.push(`${name} has ended`);
        },
      });
    const registry = await registryOf({ a: talker('a'), b: talker('b') });
    await registry.initializeAll();
    assert.deepEqual(said.splice(0), ['a begins', 'b begins', 'a is ready', 'b is ready']);
    await registry.terminateAll();
    assert.deepEqual(said, ['b ends', 'b has ended', 'a ends', 'a has ended']);
  });
});
