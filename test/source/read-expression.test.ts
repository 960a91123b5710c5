import { readExpression } from '../../src/source/read-expression';

test.each([
  ['public.vector(3)', 'public.vector(3)', '"c"'],
  ['public.vector(3)', 'ext.vector(3)', '"c"'],
  ['public.vector(3)', 'jsonb', '"c"::text::jsonb'],
  ['"Ext".halfvec(3)', 'real[]', '"c"::real[]::real[]'],
  ['"Ext".sparsevec(5)', 'jsonb', '"c"::"Ext".vector::text::jsonb'],
  ['public.sparsevec(5)', 'double precision[]', '"c"::public.vector::real[]::double precision[]'],
  ['public.sparsevec(5)', 'text', '"c"'],
  ['public.vector(3)', 'ext.halfvec(3)', '"c"::public.halfvec'],
  ['real[]', 'public.vector(3)', `translate("c"::real[]::text, '{}', '[]')`],
  ['real[]', 'jsonb', 'to_jsonb("c")'],
  ['real[]', 'double precision[]', '"c"'],
  ['jsonb', 'public.vector(3)', '"c"'],
  ['text[]', 'jsonb', '"c"'],
  ['public.tsvector', 'jsonb', '"c"'],
])('%s kept as %s is read as it will be there', (sourceType, destinationType, expression) => {
  expect(readExpression({ name: 'c', sourceType, destinationType })).toBe(expression);
});
