import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defer, firstValueFrom, interval, map, type Observable, of, Subject, take, toArray } from 'rxjs';
import { type Answer, BasePlugin, badVariable, type RequestData } from '../../src/core/base-plugin.ts';
import { startPlugin } from '../../src/testing.ts';
import { within } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';

/** Greets, whom it is told to in its parameters, and tells what its neighbours say. */
class Greeter extends BasePlugin<{ readonly name: string; readonly times: number }> {
  static override readonly parameterSchema = {
    name: { doc: 'who is greeted', format: 'name', default: 'world' },
    times: { doc: 'how often', format: 'positiveInteger', default: 1 },
  };
  static override readonly fields = {
    greetings: { description: 'all', identity: 'to', each: { to: { kind: 'info', description: 'who' } } },
  } as const;

  requestHandler({ name, method, subpath }: RequestData): Answer {
    if (name === 'nobody') throw badVariable('name', name, 'somebody');
    if (name === 'trouble') throw new Error('there is trouble');
    const to = String(name ?? this.parameters.name);
    return [200, { greetings: Array.from({ length: this.parameters.times }, () => ({ to, at: undefined })), method, subpath }];
  }

  override observables() {
    return {
      counts: interval(1),
      of: ({ name }: Readonly<Record<string, unknown>>) => of({ name }),
      neighbours: () => this.plugins.observe('weather/now'),
      whole: () => this.plugins.observe('weather'),
      asked: defer(() => this.plugins.ask('weather/cities/rome/celsius')) as Observable<unknown>,
    };
  }
}

describe('startPlugin', () => {
  test('answers as a client would see it, with parameters from the schema', async (t) => {
    const plugin = await startPlugin(Greeter, { parameters: { times: 2 } });
    t.after(() => plugin.stop());
    assert.equal(plugin.route, 'greeter');
    assert.deepEqual(await plugin.get(), [200, { greetings: [{ to: 'world' }, { to: 'world' }], method: 'GET', subpath: '' }]);
    assert.deepEqual(await plugin.get({ name: 'eve' }, 'greetings/eve/to'), [200, 'eve']);
    assert.deepEqual((await plugin.post({ name: 'eve' }))[1].method, 'POST');
  });

  test('gives text and bytes as they are', async (t) => {
    for (const body of ['text', Buffer.from('bytes')]) {
      const plugin = await startPlugin(pluginOf('says', { answer: () => [200, body] }));
      t.after(() => plugin.stop());
      assert.deepEqual(await plugin.get(), [200, body]);
    }
  });

  test('refuses parameters that the schema refuses, by name', async () => {
    await assert.rejects(startPlugin(Greeter, { parameters: { times: 0 } }), /plugins\.greeter\.times: allowed: a whole number from 1/);
    await assert.rejects(startPlugin(Greeter, { parameters: { tmies: 2 } }), /plugins\.greeter\.tmies: no such key; did you mean/);
  });

  test('throws what the plugin throws', async (t) => {
    const plugin = await startPlugin(Greeter);
    t.after(() => plugin.stop());
    await assert.rejects(plugin.get({ name: 'nobody' }), {
      code: 'HOSTPULSE_ERR_BAD_VARIABLE',
      message: "name is 'nobody'; allowed: somebody",
    });
    await assert.rejects(plugin.get({ name: 'trouble' }), { message: 'there is trouble' });
    assert.deepEqual(
      plugin.logged.map(({ message }) => message),
      ['request handler failed'],
    );
    const boom = () => Promise.reject(new Error('boom'));
    await assert.rejects(startPlugin(pluginOf('broken', { initialize: boom })), { message: 'boom' });
  });

  test('gives what a topic publishes, from a path on and for a query', async (t) => {
    const plugin = await startPlugin(Greeter);
    t.after(() => plugin.stop());
    assert.deepEqual(await firstValueFrom(plugin.values().pipe(take(3), toArray())), [0, 1, 2]);
    assert.equal(await firstValueFrom(plugin.values('of/name', { name: 'eve' })), 'eve');
  });

  test('puts plain values, observables and classes in the place of other plugins', async (t) => {
    const news = new Subject<string>();
    const weather = { cities: { rome: { celsius: 21 } } };
    const plugin = await startPlugin(Greeter, { plugins: { weather, 'weather/now': news } });
    t.after(() => plugin.stop());
    assert.equal(await firstValueFrom(plugin.values('asked')), 21);
    assert.deepEqual(await firstValueFrom(plugin.values('whole')), weather);
    const heard = firstValueFrom(plugin.values('neighbours').pipe(take(2), toArray()));
    news.next('rain');
    news.next('sun');
    assert.deepEqual(await within(heard, 'both values'), ['rain', 'sun']);
    const real = pluginOf('weather', { answer: () => [200, { cities: { rome: { celsius: 4 } } }] });
    const beside = await startPlugin(Greeter, { plugins: { weather: real } });
    t.after(() => beside.stop());
    assert.equal(await firstValueFrom(beside.values('asked')), 4);
    const published = await startPlugin(Greeter, { plugins: { weather: of(weather) } });
    t.after(() => published.stop());
    assert.equal(await firstValueFrom(published.values('asked')), 21);
  });

  test('reads recorded files', async (t) => {
    class Where extends BasePlugin {
      requestHandler(): Answer {
        return [200, this.host.procfs];
      }
    }
    const plugin = await startPlugin(Where, { host: { procfs: 'test/fixtures/hosts/debian-12/proc' } });
    t.after(() => plugin.stop());
    assert.match((await plugin.get())[1], /^\/.*test\/fixtures\/hosts\/debian-12\/proc$/);
  });

  test('tells what terminate has left behind', async () => {
    const tidy = await startPlugin(Greeter);
    await firstValueFrom(tidy.values().pipe(map(String)));
    assert.deepEqual(await tidy.stop(), { timers: 0, subscriptions: 0 });
    const untidy = await startPlugin(pluginOf('untidy', { initialize: () => void setInterval(() => {}, 1000) }));
    assert.deepEqual(await untidy.stop(), { timers: 1, subscriptions: 0 });
  });
});
