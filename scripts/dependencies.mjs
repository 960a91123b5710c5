// Writes docs/DEPENDENCIES.md from package.json and package-lock.json. With --check it only compares, and fails where
// the page is out of date, a licence is not allowed, or a package that users install needs an install script.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { allowedLicences, licencesKnown, needlessScripts, why } from './dependency-reasons.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const PAGE = path.join(root, 'docs/DEPENDENCIES.md');
const read = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const { dependencies, devDependencies } = read('package.json');
const installed = Object.entries(read('package-lock.json').packages).filter(([place]) => place !== '');
const nameOf = (place) => place.replace(/^.*node_modules\//, '');
const licenceOf = ([place, { license }]) => license ?? licencesKnown[nameOf(place)] ?? 'unknown';

const problems = [];
for (const one of installed) {
  const [place, { dev, hasInstallScript }] = one;
  const licence = licenceOf(one);
  if (!allowedLicences.includes(licence) && !(dev && licence === 'MPL-2.0'))
    problems.push(
      `${place}: the licence ${licence} is not allowed. Take another package, or allow it with a reason.`,
    );
  if (hasInstallScript && !dev && !(nameOf(place) in needlessScripts))
    problems.push(
      `${place} has an install script. See whether it works without, and say so in dependency-reasons.mjs.`,
    );
}

function table(names) {
  const rows = Object.keys(names).map((name) => {
    const found = installed.find(([place]) => place === `node_modules/${name}`);
    if (!found || !(name in why)) {
      problems.push(`${name}: nothing says why it is needed. Write it in dependency-reasons.mjs.`);
      return '';
    }
    return `| ${name} | ${found[1].version} | ${licenceOf(found)} | ${why[name]} |`;
  });
  return ['| package | version | licence | for |', '|---|---|---|---|', ...rows].join('\n');
}

function licences(packages) {
  const counts = new Map();
  for (const one of packages) counts.set(licenceOf(one), (counts.get(licenceOf(one)) ?? 0) + 1);
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  return sorted.map(([licence, count]) => `${licence} ${count}`).join(', ');
}

const users = installed.filter(([, { dev }]) => !dev);
const page = `# Dependencies

Written by \`npm run dependencies\` from package.json and package-lock.json; the gate fails where it is out of date. All versions are pinned with their hashes by the lockfile. \`npm run sbom\` prints a bill of materials (CycloneDX, by npm) of what users install.

## What Tidemark runs with

${table(dependencies)}

With what these need themselves: ${users.length} packages. Their licences: ${licences(users)}.

No install script is needed: \`npm install --ignore-scripts\` does, and the gate installs the package so. Those that there are: ${Object.entries(
  needlessScripts,
)
  .map(([name, what]) => `${name} ${what}`)
  .join('; ')}.

## What it is built and tested with

${table(devDependencies)}

With what these need themselves, further ${installed.length - users.length} packages. Their licences: ${licences(installed.filter(([, { dev }]) => dev))}.

## Rules

Allowed are ${allowedLicences.join(', ')}; for development also MPL-2.0. \`npm run audit\` asks the registry for known weaknesses and fails for one that \`scripts/audit-exceptions.json\` does not name with a reason and a date until which it holds.
`;

if (process.argv.includes('--check')) {
  if (readFileSync(PAGE, 'utf8') !== page)
    problems.push('docs/DEPENDENCIES.md is out of date. Run: npm run dependencies');
} else writeFileSync(PAGE, page);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
