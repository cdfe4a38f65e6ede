import { defineConfig } from 'vitest/config';

const all = 'test/e2e/**/*.test.ts';
/** The tests on emulated machines: they take the time, so they run beside the others. */
const emulated = ['testbed', 'lab-qemu', 'labs', 'lesson-qemu', 'links'].map((name) => `test/e2e/${name}.test.ts`);

/** Tests that need root, sshd or virtual machines; within a project one file after another. */
export default defineConfig({
  test: {
    // What is installed on this machine is no part of what is tested.
    env: { ANSIBLE_COLLECTIONS_SCAN_SYS_PATH: 'false' },
    fileParallelism: false,
    testTimeout: 60_000,
    // Bringing up hosts has deadlines of its own; it may build an image first, and the first run on emulated ones takes its time.
    hookTimeout: 900_000,
    teardownTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'emulated', include: emulated } },
      { extends: true, test: { name: 'namespaces', include: [all], exclude: emulated } },
    ],
  },
});
