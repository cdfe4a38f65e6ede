import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // What is installed on this machine is no part of what is tested.
    env: { ANSIBLE_COLLECTIONS_SCAN_SYS_PATH: 'false' },
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'node_modules/**'],
    pool: 'threads',
    testTimeout: 20_000,
  },
});
