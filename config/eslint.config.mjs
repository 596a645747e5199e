// Types-aware lint: what tsc does not see. Import rules are held by edge/tidy.test.ts.
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.tap/**'] },
  {
    files: ['edge/**/*.ts', 'gateway/**/*.ts', 'simulators/**/*.ts', 'config/**/*.ts'],
    ignores: ['gateway/console/web/**'],
    extends: [tseslint.configs.base],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: `${import.meta.dirname}/..` },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': 'error',
    },
  },
  {
    // tap runs the subtests of one level in order, awaited or not; everything else in a test is awaited.
    files: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: ['tap', '@tapjs/core', '@tapjs/test'].map((from) => ({
            from: 'package',
            name: ['test', 'todo', 'skip'],
            package: from,
          })),
        },
      ],
    },
  },
  { files: ['edge/cli/**/*.ts', '**/*.test.ts', 'simulators/**/cli.ts'], rules: { 'no-console': 'off' } },
)
