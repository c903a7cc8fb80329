import assert from 'node:assert/strict';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as ownRxjs from 'rxjs';
import { BasePlugin } from '../../src/core/base-plugin.ts';
import { fingerprint } from '../../src/core/loading/fingerprint.ts';
import { importPlugin } from '../../src/core/loading/plugin-module.ts';
import type { PluginSource } from '../../src/core/loading/plugin-source.ts';
import { type PluginDirectory, pluginDirectory, pluginText } from '../helpers/plugin-files.ts';

const PATIENT_MS = 10_000;

type Loaded = typeof BasePlugin & { readonly says?: unknown };

async function load(source: string | Partial<PluginSource>, mostMs = PATIENT_MS): Promise<Loaded> {
  const parts = typeof source === 'string' ? { file: source } : source;
  const whole = { name: 'probe', file: '', folder: null, isPackage: false, refusal: null, ...parts };
  return (await importPlugin(whole, fingerprint(whole), mostMs)) as never;
}

/** What its class says, as it is when it is loaded now. */
const said = async (source: string | Partial<PluginSource>) => (await load(source)).says;

/** A plugin that says what the code above its class comes to. */
const saying = (above: string, expression = 'says') => pluginText('Probe', { above, members: `static says = ${expression};` });

/** Why it cannot be loaded, with paths below the directory only. */
async function refusal(directory: PluginDirectory, source: string | Partial<PluginSource>): Promise<string> {
  const error = await load(source).then(
    () => assert.fail('it was loaded'),
    (error: Error) => error,
  );
  return error.message.replaceAll(`${directory.path}/`, '');
}

describe('a plugin’s source', () => {
  test('may be JavaScript or TypeScript, in one file or in a folder, with a top-level await', async (t) => {
    const { path, put } = pluginDirectory(t);
    const typed = saying(
      'const says: number = (await Promise.resolve(7)) satisfies number;\nlet unused!: string; interface Nothing { a?: 1 }',
    );
    for (const name of ['a.js', 'a.mjs']) assert.equal(await said(put(name, saying('const says = await Promise.resolve(7);'))), 7);
    for (const name of ['b.ts', 'b.mts']) assert.equal(await said(put(name, typed)), 7);
    const folder = join(path, 'c');
    put('c/deep/table.ts', 'export const says: number = 8;');
    assert.equal(await said({ file: put('c/plugin.ts', saying("import { says } from './deep/table.ts';")), folder }), 8);
  });

  test('finds the agent’s own hostpulse and rxjs, with nothing installed beside it', async (t) => {
    const { put } = pluginDirectory(t);
    const imports = `import * as rxjs from 'rxjs'; import { map } from 'rxjs/operators';
import { shareLatest } from 'hostpulse/streams/share-latest'; import { startPlugin } from 'hostpulse/testing';`;
    const says = '[rxjs, map, shareLatest, startPlugin]';
    const [rxjs, map, ...functions] = (await said(put('a.ts', saying(imports, says)))) as [typeof ownRxjs, unknown, unknown, unknown];
    assert.equal(rxjs.Observable, ownRxjs.Observable);
    assert.equal(map, ownRxjs.map);
    for (const each of functions) assert.equal(typeof each, 'function');
    assert.ok((await load(put('b.js', saying('', '1')))).prototype instanceof BasePlugin);
  });

  test('finds all that hostpulse exports', async (t) => {
    const { put } = pluginDirectory(t);
    const exported = Object.keys((JSON.parse(readFileSync('package.json', 'utf8')) as { exports: object }).exports);
    const specifiers = exported.flatMap((name) => {
      if (name === './package.json') return [];
      const below = name.endsWith('/*') ? ['poll', 'sampling/counter-sampler', 'sampling/gauge-sampler'] : [''];
      return below.map((file) => `hostpulse${name.slice(1).replace('*', file)}`);
    });
    assert.ok(specifiers.length >= 8, String(specifiers));
    const imports = specifiers.map((specifier, at) => `import * as all${at} from '${specifier}';`).join('\n');
    const all = (await said(put('a.ts', saying(imports, `[${specifiers.map((_, at) => `all${at}`)}]`)))) as object[];
    for (const [at, specifier] of specifiers.entries()) assert.notDeepEqual(Object.keys(all[at] as object), [], specifier);
  });

  test('knows where it is', async (t) => {
    const { path, put } = pluginDirectory(t);
    const file = put(
      'where.mjs',
      saying('', '[import.meta.filename, import.meta.dirname, new URL("./data.json", import.meta.url).pathname]'),
    );
    assert.deepEqual(await said(file), [file, path, join(path, 'data.json')]);
  });

  test('has the name of its file where its class has none, for a route', async (t) => {
    const { put } = pluginDirectory(t);
    const file = put(
      'clock.js',
      "import { BasePlugin } from 'hostpulse/plugin'; export default class extends BasePlugin { requestHandler() {} }",
    );
    assert.equal((await load({ name: 'clock', file })).name, 'clock');
  });

  test('may be made with another copy of hostpulse', async (t) => {
    const { path, put } = pluginDirectory(t);
    const core = fileURLToPath(new URL('../../src/core/', import.meta.url));
    cpSync(core, join(path, 'copy/core'), { recursive: true });
    put('copy/package.json', '{"name":"hostpulse","version":"0.0.1","type":"module"}');
    const text = pluginText('Probe').replace('hostpulse/plugin', './copy/core/base-plugin.js');
    const made = await load(put('second.js', text));
    assert.ok(!(made.prototype instanceof BasePlugin));
    assert.equal(made.name, 'Probe');
  });
});

describe('a plugin loaded again', () => {
  test('is the same module as long as its files are the same', async (t) => {
    const { put } = pluginDirectory(t);
    const file = put('a.js', saying('const says = {};'));
    const first = await load(file);
    assert.equal(await load(file), first);
    put('a.js', saying('const says = 2;'));
    assert.notEqual(await load(file), first);
    put('a.js', saying('const says = {};'));
    assert.equal(await load(file), first);
  });

  test('is new when something that it imports by path has changed, however far, and whatever it is', async (t) => {
    const { put } = pluginDirectory(t);
    const cases: [imported: string, above: string, ...between: [file: string, text: string][]][] = [
      ['_one.js', "import says from './_one.js';"],
      ['_two.ts', "import says from './_two.ts';"],
      ['_three.ts', "import says from './_three.js';"],
      ['_far.js', "import says from './_near.js';", ['_near.js', "export { default } from './_far.js';"]],
      ['shared/four.js', "import says from './shared/four.js';"],
      ['_five.js', 'const { default: says } = await import("./_five.js");'],
      ['_six.json', "import says from './_six.json' with { type: 'json' };"],
      ['_seven.cjs', "import says from './_seven.cjs';"],
      ['_nine.cjs', "import says from './_eight.cjs';", ['_eight.cjs', "const nine = require('./_nine.cjs'); module.exports = nine;"]],
      [
        '_ten.json',
        "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); const says = require('./_ten.json');",
      ],
    ];
    const write = (file: string, value: number) => {
      const isData = file.endsWith('.json');
      put(file, isData ? String(value) : file.endsWith('.cjs') ? `module.exports = ${value};` : `export default ${value};`);
    };
    for (const [imported, above, ...between] of cases) {
      for (const [file, text] of between) put(file, text);
      const file = put(`of-${imported.replace(/\W/g, '-')}.js`, saying(above));
      write(imported, 1);
      assert.equal(await said(file), 1, imported);
      write(imported, 2);
      assert.equal(await said(file), 2, imported);
    }
  });

  test('is new when any source in its folder has changed, and not for its data, packages and hidden files', async (t) => {
    const { path, put } = pluginDirectory(t);
    const folder = join(path, 'clock');
    const source = { file: put('clock/plugin.js', saying('const { says } = await import("./lang/" + "de" + ".js");')), folder };
    put('clock/lang/de.js', 'export const says = 1;');
    const first = await load(source);
    for (const data of ['state.json', 'log.txt', 'node_modules/x/index.js', '.git/HEAD.js']) put(`clock/${data}`, '1');
    symlinkSync('.', join(folder, 'itself'));
    assert.equal(await load(source), first);
    put('clock/lang/de.js', 'export const says = 2;');
    assert.equal(await said(source), 2);
  });

  test('whose text is wrong is not read again as long as it is the same', async (t) => {
    const { put } = pluginDirectory(t);
    const file = put('a.js', pluginText('A', { above: 'const a = ;' }));
    const why = () => load(file).catch((error: unknown) => error);
    const first = await why();
    assert.ok(first instanceof SyntaxError);
    assert.equal(await why(), first);
    put('a.js', pluginText('A', { above: 'const b = ;' }));
    assert.notEqual(await why(), first);
    put('a.js', pluginText('A'));
    assert.equal((await load(file)).name, 'A');
  });

  test('is asked again where it failed: what it lacked may be there now', async (t) => {
    const { put } = pluginDirectory(t);
    const file = put(
      'a.js',
      saying(
        "import says from 'late'; import fs from 'node:fs'; if (!fs.existsSync(new URL('./flag', import.meta.url))) throw new Error('no flag');",
      ),
    );
    await assert.rejects(load(file), /Cannot find package 'late'/);
    put('node_modules/late/package.json', '{"name":"late","type":"module","exports":"./index.js"}');
    put('node_modules/late/index.js', 'export default 5;');
    await assert.rejects(load(file), /no flag/);
    put('flag', '');
    const made = await load(file);
    assert.equal(made.says, 5);
    assert.equal(await load(file), made);
  });
});

describe('a plugin that is refused', () => {
  const SYNTAX: [name: string, line: string, message: RegExp][] = [
    ['a.js', 'const a = ;', /^a\.js:2: Unexpected token ';'$/],
    ['b.mjs', 'let x; let x;', /^b\.mjs: Identifier 'x' has already been declared$/],
    ['c.ts', 'const a: number = ;', /^c\.ts:2: Expression expected$/],
    [
      'd.ts',
      'enum Color { Red }',
      /^d\.ts:2: .*enum.* not supported in strip-only mode; types are taken out, nothing is put in: .*erasableSyntaxOnly\)$/,
    ],
    ['e.mts', 'class P { constructor(readonly x: number) {} }', /^e\.mts:2: .*parameter property.* not supported .*erasableSyntaxOnly\)$/],
    ['f.ts', 'namespace N { export const a = 1; }', /^f\.ts:2: .*namespace.* not supported .*erasableSyntaxOnly\)$/],
    [
      'g.ts',
      "import { Query } from 'hostpulse/plugin';",
      /^g\.ts:2: .*'hostpulse\/plugin' does not provide an export named 'Query'; a type is imported with `import type`$/,
    ],
    ['h.js', "import { nope } from 'hostpulse/plugin';", /^h\.js:2: .*'hostpulse\/plugin' does not provide an export named 'nope'$/],
    ['i.js', "import './_broken.js';", /^_broken\.js:3: Unexpected token '\)'$/],
    ['j.ts', "import './_broken.ts';", /^_broken\.ts:3: Expression expected$/],
    ['k.ts', 'function d() {}\n@d class X {}', /^k\.ts: Invalid or unexpected token$/],
    [
      'l.js',
      'module.exports = class {};',
      /^l\.js:2: 'module' is CommonJS; a plugin is an ES module, which has import, export default and import\.meta$/,
    ],
    ['m.js', "const fs = require('fs');", /^m\.js:2: 'require' is CommonJS; /],
    ['n.js', 'const here = __dirname;', /^n\.js:2: '__dirname' is CommonJS; /],
    ['o.js', "import x from './_nope.js';", /^Cannot find module '_nope\.js' imported from o\.js$/],
    [
      'p.ts',
      "import x from './_broken';",
      /^Cannot find module '_broken' imported from p\.ts; files are imported by their whole name, with \.js or \.ts$/,
    ],
    ['q.js', "import x from 'no-such-package';", /^Cannot find package 'no-such-package' imported from q\.js$/],
    ['r.js', "import x from 'hostpulse/core/agent';", /^there is no 'hostpulse\/core\/agent'; allowed: hostpulse\/plugin, /],
    ['s.js', "import x from 'hostpulse/streams/nope';", /^there is no 'hostpulse\/streams\/nope'; allowed: /],
    ['t.js', "throw new Error('boom');", /^boom$/],
    ['u.js', "throw 'just text';", /^just text$/],
  ];
  for (const [name, line, message] of SYNTAX) {
    test(`for its text says where, and what to do: ${line.slice(0, 60)}`, async (t) => {
      const directory = pluginDirectory(t, {
        '_broken.js': '\n\nf( ;\n);)'.replace('f( ;\n);)', 'let a = (1, );'),
        '_broken.ts': 'let a: number = 1;\n\nlet b: string = ;',
      });
      const error = await load(directory.put(name, pluginText('Probe', { above: line }))).then(
        () => null,
        (error: unknown) => error,
      );
      assert.match((error instanceof Error ? error.message : String(error)).replaceAll(`${directory.path}/`, ''), message);
    });
  }

  test('for what it exports says what came, and what is allowed', async (t) => {
    const directory = pluginDirectory(t);
    const base = "import { BasePlugin } from 'hostpulse/plugin';";
    const cases = {
      '': 'nothing',
      'export const a = 1;': 'nothing',
      [`${base} export class Clock extends BasePlugin { requestHandler() {} }`]: 'nothing (Clock by name only)',
      'export default null;': 'null',
      'export default 5;': 'a number',
      'export default {};': 'an object',
      'export default function clock() {}': 'the function clock',
      'export default class Clock {}': 'the class Clock, another one,',
      [`${base} class Clock extends BasePlugin { requestHandler() {} } export default new Clock({});`]: 'an instance, not its class,',
    };
    let count = 0;
    for (const [text, what] of Object.entries(cases)) {
      const name = `${count++}.js`;
      const expected = `${name} exports ${what} by default; allowed: a class derived from BasePlugin ('hostpulse/plugin')`;
      assert.equal(await refusal(directory, directory.put(name, text)), expected);
    }
    const abstract = directory.put('abstract.js', `${base} export default class Half extends BasePlugin {}`);
    assert.equal(await refusal(directory, abstract), 'abstract.js: Half has no requestHandler');
    const bare = directory.put('bare.js', "export { BasePlugin as default } from 'hostpulse/plugin';");
    assert.equal(await refusal(directory, bare), 'bare.js: BasePlugin has no requestHandler');
    const other = directory.put('other.js', pluginText('Old', { members: "static [Symbol.for('hostpulse.contract')] = 99;" }));
    assert.equal(await refusal(directory, other), 'other.js is made for version 99 of the plugin contract; this agent has version 1');
  });

  test('for its parameterSchema says which parameter', async (t) => {
    const directory = pluginDirectory(t);
    const cases: Record<string, RegExp> = {
      '5': /^is no object; allowed: parameters by name, each \{ doc, format, default \}$/,
      '[]': /^is no object/,
      '{ routePath: { doc: "d", default: "" }, a: { default: 1 } }': /^routePath is a setting that every plugin has already$/,
      '{ zone: "utc" }': /^zone is "utc"; allowed: \{ doc, format, default \}, or a section of such$/,
      '{ zone: null }': /^zone is null; allowed/,
      '{ at: { zone: 5 } }': /^at: zone is 5; allowed/,
      '{ "a.b": { doc: "d", default: 1 } }': /^'a\.b' cannot be a parameter's name; allowed: letters, digits, - and _/,
      '{ ["__proto__"]: { doc: "d", default: 1 } }': /^'__proto__' cannot be a parameter's name/,
      '{ constructor: { doc: "d", default: 1 } }': /^'constructor' cannot be a parameter's name/,
      '{ paceMs: { doc: "d", format: "positiveInteger", default: -1 } }': /^paceMs: allowed: a whole number from 1/,
      '{ paceMs: { doc: "d", format: "no-such-format", default: 1 } }': /no-such-format/,
    };
    let count = 0;
    for (const [schema, message] of Object.entries(cases)) {
      const name = `${count++}.js`;
      const told = await refusal(directory, directory.put(name, pluginText('Probe', { members: `static parameterSchema = ${schema};` })));
      assert.ok(told.startsWith(`${name}: parameterSchema: `) || told.startsWith(`${name}: parameterSchema is no object`), told);
      assert.match(told.replace(/^\d+\.js: parameterSchema:? /, ''), message);
    }
  });

  test('for a top-level await that never ends is given up, also the next time', async (t) => {
    const directory = pluginDirectory(t);
    const file = directory.put('forever.js', saying('const says = await new Promise(() => {});'));
    for (const _ of [1, 2])
      await assert.rejects(load(file, 50), {
        message: `${file} took longer than 50 ms to import: an await at its top level does not end (limits.initializeMs)`,
      });
  });
});

describe('an npm package as a plugin', () => {
  test('brings what it needs, and is what its package.json says; hostpulse and rxjs are the agent’s', async (t) => {
    const { path, put } = pluginDirectory(t);
    const folder = join(path, 'node_modules/hostpulse-plugin-x');
    const at = (name: string) => `node_modules/hostpulse-plugin-x/${name}`;
    put(
      at('package.json'),
      '{"name":"hostpulse-plugin-x","exports":"./main.mjs","imports":{"#table":"./lib/table.mjs"},"peerDependencies":{"hostpulse":"*"}}',
    );
    put(at('node_modules/hostpulse/package.json'), '{"name":"hostpulse","exports":{"./plugin":"./old.js"}}');
    put(at('node_modules/hostpulse/old.js'), "throw new Error('a copy that nobody wants');");
    put(at('node_modules/rxjs/package.json'), '{"name":"rxjs","main":"./old.js"}');
    put(at('node_modules/rxjs/old.js'), "throw new Error('a copy that nobody wants');");
    put(at('node_modules/dep/package.json'), '{"name":"dep"}');
    put(at('node_modules/dep/index.js'), 'module.exports = 3;');
    put(at('lib/common.js'), 'module.exports = 4;');
    put(at('lib/table.mjs'), "import 'hostpulse/plugin'; export default 5;");
    const above = "import 'rxjs'; import dep from 'dep'; import common from './lib/common.js'; import table from '#table';";
    const source = { name: 'x', file: put(at('main.mjs'), saying(above, '[dep, common, table]')), folder, isPackage: true };
    assert.deepEqual(await said(source), [3, 4, 5]);
    put(at('lib/table.mjs'), 'export default 6;');
    put(at('lib/common.js'), 'module.exports = 7;');
    assert.deepEqual(await said(source), [3, 7, 6]);
  });

  test('may be TypeScript on every Node', async (t) => {
    const { path, put } = pluginDirectory(t);
    const folder = join(path, 'node_modules/typed');
    put('node_modules/typed/package.json', '{"name":"typed","type":"module","exports":"./main.ts"}');
    put('node_modules/typed/table.ts', 'export const says: number = 9;');
    const file = put('node_modules/typed/main.ts', saying("import { says } from './table.ts';"));
    assert.equal(await said({ name: 'typed', file, folder, isPackage: true }), 9);
  });
});

describe('what is no plugin’s', () => {
  test('is found and read as if there were no plugins', async (t) => {
    const { put } = pluginDirectory(t);
    await load(put('a.ts', saying('const says: number = 1;')));
    const untagged = pathToFileURL(
      put('b.mjs', "export const hasPlugin = await import('hostpulse/streams/no-such').then(() => true, (error) => error.code);"),
    );
    const { hasPlugin } = await import(untagged.href);
    assert.match(hasPlugin, /^ERR_(MODULE_NOT_FOUND|PACKAGE_PATH_NOT_EXPORTED)$/);
    const common = put('c.cjs', 'module.exports = { n: 1 };');
    const require = createRequire(import.meta.url);
    assert.equal(require(common), require(common));
    assert.equal((await import(pathToFileURL(common).href)).default, require(common));
    assert.equal(await import('rxjs'), ownRxjs);
    const [once, twice] = [await import(`${untagged}?x=1`), await import(`${untagged}?x=1`)];
    assert.equal(once, twice);
  });
});

test('a source that fails again and again costs no memory without end; an edit is tried', async (t) => {
  const directory = pluginDirectory(t);
  const runs = globalThis as { probeRuns?: number };
  t.after(() => delete runs.probeRuns);
  const file = directory.put('a.js', "globalThis.probeRuns = (globalThis.probeRuns ?? 0) + 1; throw new Error('not today');");
  for (let n = 0; n < 600; n++) assert.equal(await refusal(directory, file), 'not today');
  assert.equal(runs.probeRuns, 500);
  assert.equal(await said(directory.put('a.js', saying('const says = 7;'))), 7);
});

test('a source that is gone is told as that, and not as wrong', async (t) => {
  const { put, remove } = pluginDirectory(t);
  const whole = { name: 'probe', file: put('a.ts', ''), folder: null, isPackage: false, refusal: null };
  const found = fingerprint(whole);
  remove('a.ts');
  await assert.rejects(
    importPlugin(whole, found, PATIENT_MS),
    ({ name, message }: Error) => name !== 'SyntaxError' && /ENOENT|Cannot find/.test(message),
  );
});
