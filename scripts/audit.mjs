// Asks the registry for known weaknesses of what users install, by `npm audit`. Fails for each that
// scripts/audit-exceptions.json does not name, and for an exception that has run out or is not needed any more.
// An exception: {"advisory": "GHSA-…", "reason": "why it does no harm here", "until": "2027-01-31"}.
// Where the registry does not answer it says so and passes, unless CI_AUDIT=required. AUDIT_EXCEPTIONS names another file.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const file = process.env.AUDIT_EXCEPTIONS ?? path.join(root, 'scripts/audit-exceptions.json');
const exceptions = JSON.parse(readFileSync(file, 'utf8'));
const today = new Date().toISOString().slice(0, 10);

const { stdout } = spawnSync('npm', ['audit', '--json', '--omit=dev'], { cwd: root, encoding: 'utf8' });
const report = parse(stdout);
process.exitCode = report?.vulnerabilities ? judge(findings(report.vulnerabilities)) : unanswered(report);

/** Each advisory once: `via` holds those of a package itself, and the names of others that it is affected through. */
function findings(vulnerabilities) {
  const found = new Map();
  for (const { via } of Object.values(vulnerabilities))
    for (const one of via) if (typeof one === 'object') found.set(path.basename(one.url), one);
  return found;
}

function judge(found) {
  const problems = [];
  for (const [advisory, { name, severity, title, url }] of found)
    if (!exceptions.some((one) => one.advisory === advisory && one.until >= today))
      problems.push(`${name}: ${title} (${severity}, ${url}). Update it, or except it with a reason.`);
  for (const { advisory, reason, until } of exceptions) {
    if (!reason || !/^\d{4}-\d\d-\d\d$/.test(until ?? ''))
      problems.push(`${advisory}: the exception lacks a reason, or a date until which it holds. Write both.`);
    else if (!found.has(advisory))
      problems.push(`${advisory}: nothing needs this exception any more. Take it out.`);
    else if (until < today) problems.push(`${advisory}: the exception held until ${until}. Look at it anew.`);
  }
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log(`No known weakness but ${exceptions.length} with a reason.`);
  return problems.length > 0 ? 1 : 0;
}

function unanswered(report) {
  const why = report?.statusCode ? ` (HTTP ${report.statusCode})` : '';
  const required = process.env.CI_AUDIT === 'required';
  console.error(
    `Audit ${required ? 'failed' : 'skipped'}: the registry does not answer it${why}. Run it where one does.`,
  );
  return required ? 1 : 0;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
