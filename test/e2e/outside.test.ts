import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { interval, map } from 'rxjs';

/** By the package's own name, as an outsider imports it: what was built, through `exports`. */
const [publicFace, contract, streams]: string[] = ['hostpulse', 'hostpulse/plugin', 'hostpulse/streams/share-latest'];

test('an agent with a plugin of one’s own runs on what the package exports', async (t) => {
  const { createAgent, createLogger, readSetup } = await import(publicFace as string);
  const { BasePlugin } = await import(contract as string);
  class Clock extends BasePlugin {
    requestHandler(data: { zone?: string }) {
      return [200, { zone: data.zone ?? this.parameters.zone }];
    }
    observables() {
      return { ticks: interval(10).pipe(map((n) => ({ n }))) };
    }
  }
  const plugins = { clock: Clock };
  const values = { network: { port: 0 }, plugins: { clock: { zone: 'UTC' } } };
  const agent = await createAgent({
    setup: await readSetup(plugins, { values }),
    log: await createLogger({ level: 'silent', format: 'json' }),
  });
  t.after(() => agent.close());
  await agent.start();
  const { port } = agent.app.server.address() as AddressInfo;
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).json();
  assert.deepEqual(await get('/clock'), { zone: 'UTC' });
  assert.deepEqual(await get('/clock?zone=CET'), { zone: 'CET' });
  assert.deepEqual(await get('/clock/ticks/n'), 0);
});

test('the operators are exported by file', async () => {
  assert.equal(typeof (await import(streams as string)).shareLatest, 'function');
});
