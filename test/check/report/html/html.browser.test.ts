import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { renderHtml } from '../../../../src/check/report/html/html.ts';
import { demo, hostile, system, withTexts } from './runs.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const browserPath = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find((path) => existsSync(path));
const axe = readFileSync(new URL('../../../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
interface Violation {
  id: string;
  nodes: { html: string }[];
}

const folder = mkdtempSync(join(tmpdir(), 'msvc-html-'));

const reports = { demo: demo(), system: system(300), hostile: withTexts(hostile) };
type Name = keyof typeof reports;
const pages = Object.fromEntries(
  Object.entries(reports).map(([name, run]) => [name, [...renderHtml(run)].join('')]),
) as Record<Name, string>;

// The pipeline demands it; elsewhere whoever has none is told how to get it.
describe.skipIf(browserPath === undefined && !process.env.REQUIRE_BROWSER)(
  'the page in Chromium (apt-get install chromium)',
  () => {
    let browser: Browser;
    beforeAll(async () => {
      for (const [name, text] of Object.entries(pages)) writeFileSync(join(folder, `${name}.html`), text);
      browser = await chromium.launch({
        executablePath: browserPath ?? 'chromium',
        // It is the sandbox that a container's root cannot make; and it calls nobody.
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      });
    });
    afterAll(async () => {
      await browser?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** A page, with everything that it asks for and complains of. */
    async function open(name: Name, options: BrowserContextOptions = {}): Promise<{ page: Page; heard: string[] }> {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      onTestFinished(() => context.close());
      const page = await context.newPage();
      const heard: string[] = [];
      const url = pathToFileURL(join(folder, `${name}.html`)).href;
      page.on('request', (request) => request.url() === url || heard.push(`asks for ${request.url()}`));
      page.on('console', (message) => heard.push(message.text()));
      page.on('pageerror', (error) => heard.push(error.message));
      await page.goto(url);
      return { page, heard };
    }

    test.each(Object.keys(pages) as Name[])(
      '%s asks for nothing, complains of nothing, and runs nothing of a cluster',
      async (name) => {
        const { page, heard } = await open(name);
        expect(heard).toEqual([]);
        expect(await page.title()).toContain('What is really there');
        expect(await page.locator('h1').isVisible()).toBe(true);
      },
    );

    test.each(['light', 'dark'] as const)('nothing for axe to say, %s', async (colorScheme) => {
      for (const name of ['demo', 'hostile', 'system'] as const) {
        const { page } = await open(name, { colorScheme, bypassCSP: true });
        if (name !== 'system')
          await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
        await page.addScriptTag({ content: axe });
        const { violations } = (await page.evaluate('axe.run()')) as { violations: Violation[] };
        const found = violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes
              .slice(0, 3)
              .map((node) => node.html.slice(0, 200))
              .join(' ')}`,
        );
        expect(found, name).toEqual([]);
      }
    });

    test('by keyboard: "/" finds, a word narrows, a cell opens its service', async () => {
      const { page } = await open('demo');
      await page.keyboard.press('/');
      await page.keyboard.type('cat');
      await expect.poll(() => page.locator('.matrix tbody tr:visible').count()).toBe(2);
      expect(await page.locator('#found').textContent()).toBe('2 services');
      await page.locator('.matrix tbody tr:visible td.fail a').first().focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => page.locator('details[id="service-shop-catalog"]').getAttribute('open')).toBe('');
      expect(await page.locator('details[id="service-shop-catalog"]').textContent()).toContain('SWITCHED_OFF');
    });

    test('by status, and light or dark by hand', async () => {
      const { page } = await open('demo', { colorScheme: 'light' });
      await page.getByRole('button', { name: '✗ fail' }).click();
      await expect.poll(() => page.locator('.matrix tbody tr:visible').count()).toBe(3);
      const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
      const light = await background();
      await page.getByRole('button', { name: 'Light or dark' }).click();
      expect(await background()).not.toBe(light);
    });

    test('without a script all of it is there, and what needs one is not', async () => {
      const { page } = await open('demo', { javaScriptEnabled: false });
      expect(await page.locator('#find').isVisible()).toBe(false);
      const service = page.locator('details[id="service-shop-catalog"]');
      await service.locator('summary').click();
      expect(await service.getByText('SWITCHED_OFF').isVisible()).toBe(true);
    });

    test('on a phone nothing is wider than it', async () => {
      for (const name of ['demo', 'hostile'] as const) {
        const { page } = await open(name, { viewport: { width: 390, height: 800 } });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      }
    });

    test('printed, what is folded is open', async () => {
      const { page } = await open('demo');
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('details[id="service-shop-orders"] h3').first().isVisible()).toBe(true);
    });

    test('under a pipeline’s policy, which takes style and script away, it can still be read', async () => {
      const server = createServer((_, response) => {
        response.setHeader('content-security-policy', "sandbox; default-src 'none'; img-src 'self'; style-src 'self'");
        response.setHeader('content-type', 'text/html');
        response.end(pages.demo);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const page = await (await browser.newContext()).newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      expect(await page.getByRole('heading', { name: 'Who calls whom' }).isVisible()).toBe(true);
      expect(await page.getByRole('cell', { name: '✗ fail' }).first().isVisible()).toBe(true);
      expect(await page.locator('#find').isVisible()).toBe(false);
      await page.context().close();
      server.closeAllConnections();
    });
  },
);
