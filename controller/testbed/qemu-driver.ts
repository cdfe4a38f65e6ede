import { OrchError } from '../../proto/errors.ts';
import type { Driver } from './driver.ts';

export const qemuDriver: Driver = {
  bootDeadlineMs: 120_000,
  prepare: () => Promise.reject(new OrchError({ code: 'testbed-failed', summary: 'There is no qemu driver yet.' })),
  startGateway: () => Promise.resolve(),
  startHost: () => ({ pid: 0, start: '' }),
};
