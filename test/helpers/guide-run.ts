import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { authorFolder } from './author-folder.ts';
import { type Cleanup, until } from './build-agent.ts';
import { freePort } from './free-port.ts';
import { type Block, type Step, showsAs } from './guide-blocks.ts';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
/** What a registry would bring is there already: the project itself, and its compiler. */
const INSTALLS = /^npm install --save-dev /;

interface Running {
  readonly process: ChildProcess;
  readonly said: () => string;
}

/** Somebody who does what a guide says, in a fresh directory outside the project. */
export async function guideReader(t: Cleanup): Promise<(block: Block) => Promise<void>> {
  const { folder, write, path } = authorFolder(t);
  const tools = authorFolder(t).folder;
  const port = await freePort();
  command(join(tools, 'hostpulse'), `exec "${process.execPath}" "${MAIN}" "$@"`);
  const kept = Object.entries(process.env).filter(([name]) => !/^(HOSTPULSE_|NODE_|npm_)/.test(name));
  const env = {
    ...Object.fromEntries(kept),
    PATH: [tools, dirname(process.execPath), process.env.PATH].join(delimiter),
    HOSTPULSE_NETWORK_PORT: String(port),
    HOSTPULSE_LOG_FORMAT: 'json',
    npm_config_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  };
  let agent: Running | null = null;
  let stream: Running | null = null;

  const start = (line: string): Running => {
    const child = spawn('sh', ['-c', `exec ${line}`], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => void child.kill('SIGKILL'));
    let text = '';
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8').on('data', (part: string) => {
        text += part.replaceAll(`:${port}`, ':9192');
      });
    }
    return { process: child, said: () => text };
  };
  const stop = async (running: Running | null) => {
    running?.process.kill('SIGTERM');
    await until(() => running === null || running.process.exitCode !== null || running.process.signalCode !== null, 'it stops');
  };
  t.after(() => stop(agent));

  /** A saved file is heeded by an agent that watches: the reader would see it say so. */
  const save = async (file: string, text: string) => {
    const heeded = () => (agent?.said().match(/"msg":"plugin (is (re)?loaded|cannot be reloaded)/g) ?? []).length;
    const before = heeded();
    write(file, text);
    const isPlugin = /^plugins\/[^_/]+\.ts$/.test(file) && !file.endsWith('.test.ts');
    if (agent && isPlugin) await until(() => heeded() > before, `the agent heeds ${file}: ${agent.said()}`);
  };

  const follow = async ({ command: line, output }: Step) => {
    if (line === null) return shown(output, () => stream?.said() ?? '', true);
    const own = line.replaceAll(':9192', `:${port}`);
    if (INSTALLS.test(line)) return linkTools(folder);
    if (/^hostpulse( --|$)/.test(line)) {
      await stop(agent);
      agent = start(own);
      return until(() => agent?.said().includes('plugins are initialized') ?? false, `the agent starts: ${agent.said()}`);
    }
    if (/^curl .*-s?N/.test(line)) {
      await stop(stream);
      stream = start(own);
      return shown(output, stream.said, true);
    }
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', own], { cwd: folder, env }).catch((error) => error);
    return shown(output, () => `${stdout}${stderr}`.replaceAll(`:${port}`, ':9192'), false);
  };

  return async (block) => {
    if (block.kind === 'file') return save(block.file, block.text);
    if (block.kind === 'edit') {
      const text = readFileSync(path(block.file), 'utf8');
      if (text.split(block.from).length !== 2)
        throw new Error(`${block.file} does not have this exactly once: ${block.from}\n---\n${text}`);
      return save(
        block.file,
        text.replace(block.from, () => block.to),
      );
    }
    for (const step of block.steps) await follow(step);
  };
}

async function shown(output: readonly string[], said: () => string, mayCome: boolean): Promise<void> {
  const isShown = () => showsAs(output, said());
  if (mayCome) await until(isShown, 'the output').catch(() => {});
  if (!isShown()) throw new Error(`the guide shows\n${output.join('\n')}\n--- but this came:\n${said()}`);
}

function command(file: string, line: string): void {
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}

function linkTools(folder: string): void {
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  symlinkSync(resolve('.'), join(folder, 'node_modules/hostpulse'));
  symlinkSync(resolve('node_modules/@types/node'), join(folder, 'node_modules/@types/node'));
  command(join(folder, 'node_modules/.bin/tsc'), `exec "${resolve('node_modules/.bin/tsc')}" "$@"`);
}
