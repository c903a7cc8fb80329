import type { Host } from '../../core/base-plugin.ts';
import type { RootFiles } from '../shared/root-files.ts';
import type { ListRules } from './candidates.ts';

export const LISTS = '/var/lib/apt/lists';
const MOST_LISTS = 1000;
const USUAL_PRIORITY = 500;
/** Of a release that says NotAutomatic (experimental), and of one that also says ButAutomaticUpgrades (backports). */
const NOT_AUTOMATIC_PRIORITY = 1;
const BACKPORTS_PRIORITY = 100;

/** A file that names what a source has. */
export interface List extends ListRules {
  readonly path: string;
}

/** @throws why they cannot be read */
export function findLists(files: RootFiles, host: Host): List[] {
  const names = files.names(LISTS);
  if (!names) throw new Error(`${LISTS} cannot be read`);
  const lists = names.filter((name) => /_Packages(\.\w+)?$/.test(name));
  if (lists.length === 0) throw new Error(`apt has no lists of packages in ${LISTS}; apt update brings them`);
  if (lists.length > MOST_LISTS) throw new Error(`there are more than ${MOST_LISTS} lists in ${LISTS}`);
  const odd = lists.find((name) => !/_Packages(\.gz|\.lz4)?$/.test(name));
  if (odd !== undefined) throw new Error(`${LISTS}/${odd} is packed in a way that is not read here; those that are: none, gz, lz4`);
  const releases = names.filter((name) => /_(In)?Release$/.test(name));
  return lists.map((name) => {
    const release = releaseOf(name, releases);
    const head = release === null ? null : host.readSmall(files.real(`${LISTS}/${release}`));
    return { path: files.real(`${LISTS}/${name}`), ...rulesOf(head ?? '') };
  });
}

/** The one whose name the list's begins with, the longest: suites may have slashes, which are written `_`, too. */
function releaseOf(list: string, releases: readonly string[]): string | null {
  const fitting = releases.filter((name) => list.startsWith(name.replace(/(In)?Release$/, '')));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? null;
}

/** @param head the first page of a Release, signed or not; empty where the source has none */
export function rulesOf(head: string): ListRules {
  const value = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'mi').exec(head)?.[1]?.trim() ?? '';
  const isSet = (name: string) => /^(yes|true|on|with|enable|1)$/i.test(value(name));
  const isSecurity = [value('Suite'), value('Codename')].some((name) => name.endsWith('-security')) || value('Label') === 'Debian-Security';
  if (!isSet('NotAutomatic')) return { priority: USUAL_PRIORITY, isSecurity };
  return { priority: isSet('ButAutomaticUpgrades') ? BACKPORTS_PRIORITY : NOT_AUTOMATIC_PRIORITY, isSecurity };
}
