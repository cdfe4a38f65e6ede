import { defineConfig } from 'vitest/config';

/** Tests that need root, sshd or virtual machines; one file after another. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    // Bringing up hosts may build an image first.
    hookTimeout: 300_000,
    teardownTimeout: 30_000,
  },
});
