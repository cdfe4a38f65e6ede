import type { Need } from '../../linux/programs/need.ts';
import { sysctlName } from './sysctl.ts';

export type { Need };

/** A need as people read it: "Linux 6.7 or newer". */
export function needText({ what, which }: Need): string {
  switch (what) {
    case 'kernel':
      return `Linux ${which} or newer`;
    case 'iproute2':
      return `iproute2 ${which} or newer`;
    case 'link':
      return `a kernel with links of type ${which}`;
    case 'module':
      return `the kernel module ${which} (modprobe ${which})`;
    case 'loadable':
      return `the kernel module ${which}`;
    case 'config':
      return `a kernel with CONFIG_${which}`;
    case 'sysctl':
      return `the sysctl ${sysctlName(which)}`;
    case 'program':
      return `the program ${which}`;
  }
}
