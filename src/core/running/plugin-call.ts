import { currentMeter, type Meter, type Tick } from '../../streams/meter.ts';
import { HostpulseError } from '../errors.ts';
import type { Held, PluginScope } from './plugin-scope.ts';
import { untimed } from './stretch.ts';

/** One question in a chain of them: `cpu` asks a plugin's handler, `cpu/usage` a topic. What is begun meanwhile may outlast it. */
export interface ChainLink {
  readonly name: string;
  isOpen: boolean;
}

/** Through which questions something came about, the first first. */
export type Chain = readonly ChainLink[];

/** A value that comes by a topic for the third time goes in a circle; twice may be two things. */
const MOST_ROUNDS = 2;

/** On whose account the code runs that is under way, also behind each `await`, and how it came about. */
export class PluginCall implements Meter {
  /** null: the agent's own. */
  readonly scope: PluginScope | null;
  readonly chain: Chain;
  /** The topics by which the value came that is being handled. */
  readonly passed: readonly string[];

  constructor(scope: PluginScope | null, chain: Chain, passed: readonly string[]) {
    this.scope = scope;
    this.chain = chain;
    this.passed = passed;
  }

  ticked(tick: Tick): void {
    this.scope?.ticked(tick);
  }

  began(end: () => void): () => void {
    const { scope } = this;
    if (scope === null) return () => {};
    const held: Held = { kind: 'timer', isLive: () => true, free: end };
    scope.hold(held);
    return () => scope.release(held);
  }

  wake(work: () => void): void {
    if (this.scope) this.scope.callBack('a timer', work);
    else work();
  }
}

export function currentScope(): PluginScope | null {
  return currentCall()?.scope ?? null;
}

export function currentChain(): Chain {
  return currentCall()?.chain ?? [];
}

export function currentlyPassed(): readonly string[] {
  return currentCall()?.passed ?? [];
}

/** @throws HOSTPULSE_ERR_CIRCLE where this is being asked already, and waits for what asks it now */
export function refuseCircle(chain: Chain, name: string): void {
  const open = chain.filter(({ isOpen }) => isOpen).map((link) => link.name);
  if (open.includes(name)) throw circle([...open.slice(open.indexOf(name)), name]);
}

export function circle(names: readonly string[]): HostpulseError {
  const message = `these plugins ask one another in a circle: ${names.map((name) => `/${name}`).join(' → ')}`;
  return new HostpulseError('HOSTPULSE_ERR_CIRCLE', message);
}

/** The agent's own work, on behalf of these: no plugin's timers, no plugin's time. */
export function onNobodysAccount<T>(work: () => T, chain: Chain = currentChain()): T {
  return untimed(() => currentMeter.run(new PluginCall(null, chain, currentlyPassed()), work));
}

/** How the values of a topic leave the plugin's scope. */
export function handingOnOf(topic: string): { readonly goesRound: () => boolean; readonly handOn: (work: () => void) => void } {
  const first = new PluginCall(null, [], [topic]);
  return {
    goesRound: () => currentlyPassed().filter((name) => name === topic).length >= MOST_ROUNDS,
    handOn: (work) => {
      const passed = currentlyPassed();
      const call = passed.length === 0 ? first : new PluginCall(null, [], [...passed, topic]);
      untimed(() => currentMeter.run(call, work));
    },
  };
}

function currentCall(): PluginCall | null {
  const call = currentMeter.getStore();
  return call instanceof PluginCall ? call : null;
}
