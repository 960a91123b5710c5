/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  resolver: '<rootDir>/test/support/resolve-source.cjs',
  // One native PostgreSQL and one Temporal server for all test files.
  globalSetup: '<rootDir>/test/support/start-servers.ts',
  globalTeardown: '<rootDir>/test/support/stop-servers.ts',
  // Ends what hangs, and no more: how fast a machine is decides no test.
  testTimeout: 600_000,
  maxWorkers: 2,
};
