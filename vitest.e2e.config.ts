import { defineConfig } from 'vitest/config';

/** Tests that need root, sshd or virtual machines; one file after another. */
export default defineConfig({
  test: { include: ['test/e2e/**/*.test.ts'], fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 },
});
