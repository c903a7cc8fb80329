import { arch, hostname, release, type, uptime, version } from 'node:os';
import type { Host } from '../../core/base-plugin.ts';
import type { Facts } from './facts.ts';
import { LinuxSource } from './linux-source.ts';
import { type Users, unknownUsers } from './users.ts';

/** Everything at one moment. */
export interface SystemState {
  readonly facts: Facts;
  readonly users: Users;
  readonly uptimeSeconds: number | null;
}

/** Where it comes from. Thin: it reads and renames, and computes nothing. */
export interface SystemSource {
  read(): SystemState;
  close(): void;
}

export async function openSource(host: Host): Promise<SystemSource> {
  if (host.platform === 'linux') return new LinuxSource(host);
  // Some 10 MB that Linux does not need.
  return openPortable(await import('systeminformation'));
}

export type SystemInformation = Pick<typeof import('systeminformation'), 'osInfo' | 'system'>;

/** macOS, Windows and the BSDs: Node's own words, and systeminformation's for what it has none for, asked once. */
export async function openPortable(system: SystemInformation): Promise<SystemSource> {
  const [os, machine] = await Promise.all([system.osInfo(), system.system()]);
  const facts: Facts = {
    scope: 'host',
    hostname: hostname(),
    os: { prettyName: [os.distro, os.release].filter(Boolean).join(' ') || null, id: os.platform || null, version: os.release || null },
    kernel: { name: type(), release: release(), version: version() },
    architecture: arch(),
    model: machine.model || null,
    virtualization: machine.virtual ? 'other' : 'none',
    container: null,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? null,
    reason: null,
    bootTimestampMs: Math.round(Date.now() / 1000 - uptime()) * 1000,
  };
  const users = unknownUsers('only told on Linux');
  return { read: () => ({ facts, users, uptimeSeconds: uptime() }), close: () => {} };
}
