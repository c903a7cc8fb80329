import type { Host } from '../../../core/base-plugin.ts';
import { integerOf, KernelFile } from './kernel-file.ts';
import { gauge, orNull, type Part } from './part.ts';

interface Entropy {
  readonly availableBits: number;
  readonly poolSizeBits: number | null;
}

export const entropy = {
  collector: 'entropy',
  absence: 'the kernel has no /proc/sys/kernel/random',
  declared: {
    description: 'randomness of the kernel; since Linux 5.18 it only tells that there is enough, which is 256',
    nullable: true,
    fields: {
      availableBits: gauge('bits', 'there now'),
      poolSizeBits: orNull(gauge('bits', 'that there can be; `null` where it is not told')),
    },
  },
  open({ procfs }: Host) {
    const [available, poolSize] = ['entropy_avail', 'poolsize'].map(
      (name) => new KernelFile(`${procfs}/sys/kernel/random/${name}`, 64),
    ) as [KernelFile, KernelFile];
    const read = () => {
      const [availableBits, poolSizeBits] = [numberOf(available), numberOf(poolSize)];
      return availableBits === null ? null : { availableBits, poolSizeBits };
    };
    return {
      read,
      close: () => {
        available.close();
        poolSize.close();
      },
    };
  },
  toAnswer: (told) => told,
  tell({ availableBits, poolSizeBits }, metrics) {
    metrics.gauge('node_entropy_available_bits', 'Bits of available entropy.').add(availableBits);
    metrics.gauge('node_entropy_pool_size_bits', 'Bits of entropy pool.').add(poolSizeBits);
  },
} as const satisfies Part<Entropy>;

function numberOf(file: KernelFile): number | null {
  const text = file.text();
  return text === null ? null : integerOf(text.trim(), file.path);
}
