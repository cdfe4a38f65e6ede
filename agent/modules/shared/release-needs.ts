import type { TaskNeed } from '../module.ts';

/** The first releases with what a parameter asks for. iproute2 goes by the kernel's numbers. */
export function releaseNeeds(option: string, kernel: string, iproute2 = kernel): TaskNeed[] {
  return [
    { what: 'kernel', which: kernel, option },
    { what: 'iproute2', which: iproute2, option },
  ];
}
