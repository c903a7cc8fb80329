import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtIns } from '../../src/plugins/index.ts';
import { buildAgent } from '../helpers/build-agent.ts';
import { conformanceProblems } from '../helpers/conformance.ts';

for (const [name, pluginClass] of Object.entries(builtIns)) {
  test(`what ${name} answers on this host is what it declares`, async (t) => {
    const { app } = await buildAgent(t, { plugins: { [name]: pluginClass } });
    const ask = async () => (await app.inject(`/${name}`)).json() as unknown;
    assert.deepEqual(conformanceProblems(pluginClass.fields ?? {}, await ask()), []);
    // With rates, too.
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.deepEqual(conformanceProblems(pluginClass.fields ?? {}, await ask()), []);
  });
}
