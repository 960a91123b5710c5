import tseslint from 'typescript-eslint';

/** Which folders of src each folder may import. What is not listed here is forbidden; see ARCHITECTURE.md. */
const imports = {
  plan: [],
  postgres: ['plan'],
  config: ['plan', 'postgres'],
  source: ['plan', 'postgres', 'config'],
  destination: ['plan', 'postgres', 'config'],
  activities: ['plan', 'postgres', 'config', 'source', 'destination'],
  workflows: ['plan'],
  temporal: ['plan', 'config', 'workflows'],
  embedded: [],
  ui: ['plan'],
  commands: [
    'plan',
    'postgres',
    'config',
    'source',
    'destination',
    'activities',
    'workflows',
    'temporal',
    'embedded',
    'ui',
  ],
};
/** What a folder may import the types of, and nothing else. */
const typeImports = { workflows: ['activities'], ui: ['destination', 'temporal'] };
const folders = Object.keys(imports);

const importRules = folders.map((folder) => {
  const types = typeImports[folder] ?? [];
  const denied = folders.filter((other) => ![folder, ...imports[folder], ...types].includes(other));
  const to = (list) => `^\\.\\./(${list.join('|')})(/|$)`;
  const io = {
    regex: '^(node:|pg($|-)|fs$|net$|crypto$|os$|path$|timers)',
    message: 'Workflow code does no I/O: put it into an activity.',
  };
  const patterns = [
    ...(denied.length > 0
      ? [{ regex: to(denied), message: `src/${folder} may not import this: see ARCHITECTURE.md.` }]
      : []),
    ...types.map((type) => ({
      regex: to([type]),
      allowTypeImports: true,
      message: `src/${folder} may import types only from there.`,
    })),
    ...(['plan', 'workflows'].includes(folder) ? [io] : []),
  ];
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
});

/** What workflow code must not touch: replay has to make the same decisions again. */
const nondeterministic = [
  [
    "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    'Workflows take no time from the clock.',
  ],
  ["NewExpression[callee.name='Date']", 'Workflows take no time from the clock.'],
  ["MemberExpression[object.name='Math'][property.name='random']", 'Workflows use no randomness.'],
].map(([selector, message]) => ({ selector, message }));
const noGlobals = [
  'process',
  'fetch',
  'setInterval',
  'setImmediate',
  'require',
  'Buffer',
  'WeakRef',
  'FinalizationRegistry',
  'performance',
  'crypto',
];

export default tseslint.config(
  // The examples import the package as its users do: test/embedding checks their types.
  { ignores: ['examples/', 'dist/', 'node_modules/', '.cache/', '**/.tidemark/', 'coverage/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/prefer-nullish-coalescing': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  ...importRules,
  {
    files: ['src/workflows/**/*.ts', 'src/plan/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...nondeterministic],
      'no-restricted-globals': ['error', ...noGlobals],
    },
  },
  // jest's matchers are any.
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-unsafe-assignment': 'off' } },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
