import { execFile } from 'node:child_process';
import { OrchError } from '../../../proto/errors.ts';

const path = '/sys/kernel/btf/vmlinux';
const limits = { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024, timeout: 20_000 } as const;

/**
 * The kernel's description of its types. sysfs gives 4 KiB a read: dd spends its time in a thousand of them, in the place of
 * this process. Throws OrchError 'unsupported-by-host' where there is none.
 */
export function readBtf(): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    execFile('dd', [`if=${path}`, 'bs=512k', 'iflag=fullblock'], limits, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const words = stderr.toString().trim().split('\n')[0] || error.message;
      const summary = `the kernel does not describe its types: ${words.slice(0, 200)}`;
      reject(new OrchError({ code: 'unsupported-by-host', summary }));
    });
  });
}
