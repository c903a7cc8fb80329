import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { builtIns } from '../../src/plugins/index.ts';
import { BUILT_IN_NAMES } from '../../src/plugins/names.ts';
import { type Cleanup, within } from '../helpers/build-agent.ts';
import { type Child, type ChildOptions, runToEnd, startChild } from '../helpers/child-agent.ts';
import { pluginDirectory } from '../helpers/plugin-files.ts';

const script = fileURLToPath(new URL('../helpers/loaded-modules.js', import.meta.url));

function loaded(stderr: string): readonly string[] {
  return JSON.parse(stderr.slice(stderr.lastIndexOf('\n') + 1));
}

/** Ends the agent. @returns what it has loaded until then */
async function loadedBy(child: Child): Promise<readonly string[]> {
  child.process.kill('SIGTERM');
  await within(child.exited, 'the agent ends', 30_000);
  return loaded(child.stderr());
}

const start = (t: Cleanup, options: ChildOptions = {}) => startChild(t, { ...options, script });
const filesOf = (modules: readonly string[], name: string) => modules.filter((path) => path.includes(`/node_modules/${name}/`));

test('an agent that has answered has loaded neither what compiles schemas nor what fetches', async (t) => {
  const agent = await start(t);
  for (const path of ['/netinfo', '/cpu', '/health']) assert.equal((await fetch(agent.base + path)).status, 200);
  const modules = await loadedBy(agent);
  assert.ok(filesOf(modules, 'fastify').length > 0, 'what is told are the modules');
  for (const name of ['ajv', '@fastify/fast-json-stringify-compiler', 'systeminformation', 'yaml'])
    assert.deepEqual(filesOf(modules, name), []);
  assert.deepEqual(
    modules.filter((name) => name.includes('undici')),
    [],
  );
});

test('rxjs is one file, also for plugins from outside, however they import it', async (t) => {
  const { path } = pluginDirectory(t, {
    'both.mjs': `
      import { BasePlugin } from 'hostpulse/plugin';
      import { map, of, Observable } from 'rxjs';
      import { map as older } from 'rxjs/operators';
      export default class Both extends BasePlugin {
        requestHandler() {
          return [200, { isOne: map === older, isObservable: this.observables().values instanceof Observable }];
        }
        observables() {
          return { values: of(1).pipe(older((n) => ({ n }))) };
        }
      }`,
  });
  const agent = await start(t, { args: ['--plugins', path] });
  assert.deepEqual(await (await fetch(`${agent.base}/both`)).json(), { isOne: true, isObservable: true });
  const files = filesOf(await loadedBy(agent), 'rxjs');
  assert.deepEqual(
    files.filter((file) => file.endsWith('/Observable.js')),
    [],
  );
  assert.ok(files.some((file) => file.endsWith('/rxjs.umd.js')));
});

test('a health check loads no plugin, and nothing of the agent', async (t) => {
  const agent = await startChild(t);
  const { code, stdout, stderr } = await runToEnd(t, { script, args: ['health', '--port', new URL(agent.base).port] });
  assert.deepEqual([code, JSON.parse(stdout).status], [0, 'ok']);
  for (const name of ['rxjs', 'fastify', 'pino', 'ws']) assert.deepEqual(filesOf(loaded(stderr), name), []);
});

test('the built-in plugins have the names, in the order, that are known without loading them', () => {
  assert.deepEqual(Object.keys(builtIns), [...BUILT_IN_NAMES]);
});
