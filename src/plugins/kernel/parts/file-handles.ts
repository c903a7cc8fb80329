import type { Host } from '../../../core/base-plugin.ts';
import { integerOf, KernelFile, wordsOf } from './kernel-file.ts';
import { gauge, type Part } from './part.ts';

interface FileHandles {
  readonly allocated: number;
  readonly maximum: number;
}

const PATH = '/proc/sys/fs/file-nr';

export const fileHandles = {
  collector: 'filefd',
  absence: 'the kernel has no /proc/sys/fs/file-nr',
  declared: {
    description: 'open files of all programs',
    nullable: true,
    fields: {
      allocated: gauge('files', 'open now'),
      maximum: gauge('files', 'that can be; some systems set it so high that it means none (9.2e18)'),
    },
  },
  open({ procfs }: Host) {
    const file = new KernelFile(`${procfs}/sys/fs/file-nr`, 128);
    const read = () => {
      const text = file.text();
      return text === null ? null : parseFileNr(text);
    };
    return { read, close: () => file.close() };
  },
  toAnswer: (told) => told,
  tell({ allocated, maximum }, metrics) {
    metrics.gauge('node_filefd_allocated', 'File descriptor statistics: allocated.').add(allocated);
    metrics.gauge('node_filefd_maximum', 'File descriptor statistics: maximum.').add(maximum);
  },
} as const satisfies Part<FileHandles>;

/** @param text allocated, free (always 0 since Linux 2.6), maximum */
export function parseFileNr(text: string): FileHandles {
  const [allocated, , maximum] = wordsOf(text);
  return { allocated: integerOf(allocated, PATH), maximum: integerOf(maximum, PATH) };
}
