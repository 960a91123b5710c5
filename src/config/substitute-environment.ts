import type { Path, Problems } from './problems';

/**
 * Puts environment variables into every text: `${NAME}`. `$${` stands for `${` itself. What is put in is hidden from
 * messages.
 */
export function substituteEnvironment(
  value: unknown,
  env: NodeJS.ProcessEnv,
  problems: Problems,
  path: Path = [],
): unknown {
  if (typeof value === 'string') return substitute(value, env, problems, path);
  if (Array.isArray(value))
    return value.map((item, i) => substituteEnvironment(item, env, problems, [...path, i]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      substituteEnvironment(child, env, problems, [...path, key]),
    ]),
  );
}

function substitute(text: string, env: NodeJS.ProcessEnv, problems: Problems, path: Path): string {
  return text.replace(
    /\$(\$\{)|\$\{([^}]*)\}?/g,
    (written, escaped: string | undefined, name: string | undefined) => {
      if (escaped !== undefined) return escaped;
      if (name === undefined || !/^[A-Za-z_]\w*$/.test(name) || !written.endsWith('}')) {
        problems.add(path, 'a ${…} in it is not ${NAME}', 'Correct the name, or write $${ for a plain ${');
        return '';
      }
      const value = env[name];
      if (value === undefined) {
        problems.add(
          path,
          `the environment variable ${name} is not set`,
          `Set ${name}, or write the value here`,
        );
        return '';
      }
      problems.hide(value, `\${${name}}`);
      return value;
    },
  );
}
