import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

/** For Chromium to start, and for what a page is to show. */
export const PATIENCE_MS = 120_000;
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Chromium as CHROME_PATH or PATH has it; none is downloaded. */
function findChromium(): string | undefined {
  const { CHROME_PATH, PATH = '' } = process.env;
  if (CHROME_PATH !== undefined) return CHROME_PATH;
  return PATH.split(path.delimiter)
    .flatMap((folder) => NAMES.map((name) => path.join(folder, name)))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const executablePath = findChromium();
if (executablePath === undefined)
  process.stderr.write('Tests in a browser are skipped: no Chromium in PATH, and CHROME_PATH names none.\n');

/** it, where there is a Chromium; elsewhere its tests are skipped, and counted so. */
export const itInBrowser = executablePath === undefined ? it.skip : it;

/** The caller closes it. As root, as in a container, Chromium has no sandbox. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    timeout: PATIENCE_MS,
    executablePath: executablePath ?? '',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}

/** What stands in the way of people who do not see, or use no mouse: rules of WCAG 2.2 A and AA that are broken. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const faults = await page.evaluate(async () => {
    const { axe: there } = globalThis as unknown as { axe: typeof axe };
    const { violations } = await there.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
  return faults;
}
