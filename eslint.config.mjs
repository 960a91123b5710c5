import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

/** What workflow code must not touch: replay has to make the same decisions again, so no clock, randomness or I/O. */
const nondeterministic = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Workflows take no time from the clock.' },
  { selector: "NewExpression[callee.name='Date']", message: 'Workflows take no time from the clock.' },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'Workflows use no randomness.' },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', '**/.tidemark/', 'coverage/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.mjs'] } } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/prefer-nullish-coalescing': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'boundaries/include': ['src/**/*.ts'],
      'boundaries/elements': [
        { type: 'plan', pattern: 'src/plan' },
        { type: 'postgres', pattern: 'src/postgres' },
        { type: 'config', pattern: 'src/config' },
        { type: 'source', pattern: 'src/source' },
        { type: 'destination', pattern: 'src/destination' },
        { type: 'activities', pattern: 'src/activities' },
        { type: 'workflows', pattern: 'src/workflows' },
        { type: 'temporal', pattern: 'src/temporal' },
        { type: 'embedded', pattern: 'src/embedded' },
        { type: 'commands', pattern: 'src/commands' },
        { type: 'entry', pattern: 'src/*.ts', mode: 'file' },
      ],
      'import/resolver': { node: { extensions: ['.ts'] } },
    },
    rules: {
      'boundaries/element-types': ['error', {
        default: 'disallow',
        rules: [
          { from: 'plan', allow: ['plan'] },
          { from: 'postgres', allow: ['postgres', 'plan'] },
          { from: 'config', allow: ['config', 'plan', 'postgres'] },
          { from: 'source', allow: ['source', 'postgres', 'plan', 'config'] },
          { from: 'destination', allow: ['destination', 'postgres', 'plan', 'config'] },
          { from: 'activities', allow: ['activities', 'source', 'destination', 'postgres', 'plan', 'config'] },
          { from: 'workflows', allow: ['workflows', 'plan'] },
          { from: 'workflows', allow: ['activities'], importKind: 'type' },
          { from: 'temporal', allow: ['temporal', 'workflows', 'config', 'plan'] },
          { from: 'embedded', allow: ['embedded'] },
          { from: 'commands', allow: ['*'] },
          { from: 'entry', allow: ['*'] },
        ],
      }],
    },
  },
  {
    files: ['src/workflows/**/*.ts', 'src/plan/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...nondeterministic],
      'no-restricted-globals': ['error', 'process', 'fetch', 'setInterval', 'require', 'Buffer', 'WeakRef', 'FinalizationRegistry'],
      'no-restricted-imports': ['error', { patterns: [{ regex: '^(node:|pg|fs|net|crypto|os|path)', message: 'Workflow code does no I/O: put it into an activity.' }] }],
    },
  },
  { files: ['**/*.mjs', 'test/**/*.ts'], extends: [tseslint.configs.disableTypeChecked] , rules: {} },
);
