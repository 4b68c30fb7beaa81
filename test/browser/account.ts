import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { cardRater } from '../../lib/domain/invoicing/rater.ts';
import { readBundle } from '../../lib/domain/verification/bundle.ts';
import { verifyBundle } from '../../lib/domain/verification/verify-bundle.ts';
import { check } from './checks.ts';
import type { ServedDemo } from './served-demo.ts';
import { signIn } from './visits.ts';

/** A file as it lands in the downloads folder. */
async function downloaded(page: Page, link: string | RegExp): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: link }).first().click(),
  ]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** Looks through the list until there is one that can be paid. */
async function openInvoice(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/invoices`);
  const links = await page.locator('tbody th a').evaluateAll((all) => all.map((a) => a.getAttribute('href') ?? ''));
  for (const href of links) {
    await page.goto(url + href);
    if ((await page.getByRole('link', { name: /^Pay / }).count()) > 0) return url + href;
  }
  throw new Error(`none of ${links.join(', ')} is open`);
}

/** Waits for a mail, and takes the link to this portal out of it. */
async function mailedLink(page: Page, url: string, subject: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    await page.goto(`${url}/development/mail`);
    const mail = page.getByRole('link', { name: subject }).first();
    if ((await mail.count()) > 0) await mail.click();
    const [link] = /https?:\/\/\S+\/billing-address\/\S+/.exec(await page.locator('main').innerText()) ?? [];
    if (link !== undefined) return url + new URL(link).pathname;
    if (attempt > 60) throw new Error(`no mail ${subject}`);
    await page.waitForTimeout(500);
  }
}

/** Pays what is open, takes what it may keep, and has its say in what is known about it. */
export async function account(browser: Browser, demo: ServedDemo): Promise<void> {
  const { debtor, month, url } = demo;
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  // A form that is refused answers 400, and the stand-in's page has no icon: browsers say both.
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (400|404)/.test(message.text())) faults.push(message.text());
  });
  await signIn(page, { ...demo, customer: debtor });
  await check('pays an open invoice on the hosted page: declined, then paid, and the portal knows', async () => {
    const address = await openInvoice(page, url);
    await page.getByRole('link', { name: /^Pay / }).click();
    await page.getByLabel('Card').selectOption({ label: '0341, is declined' });
    await page.getByRole('button', { name: /^Pay / }).click();
    await page.getByText('Your card was declined.').waitFor();
    await page.getByLabel('Card').selectOption({ label: '4242, pays' });
    await page.getByRole('button', { name: /^Pay / }).click();
    await page.getByText('This invoice is paid.').waitFor();
    await page.goto(address);
    await page.getByRole('link', { name: 'Receipt at Stripe' }).waitFor();
  });
  await check('gives a billing address; whoever reads its mail confirms it, signed in nowhere', async () => {
    await page.goto(`${url}/account`);
    await page
      .getByLabel(/e-mail address$/i)
      .last()
      .fill('bills@lagos.example');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText(/waits to be confirmed/).waitFor();
    const link = await mailedLink(page, url, 'Confirm this address for invoices');
    const reader = await (await browser.newContext()).newPage();
    await reader.goto(link);
    await reader.getByRole('button', { name: 'Confirm this address' }).click();
    await reader.getByRole('heading', { name: 'The address is confirmed' }).waitFor();
    await reader.goto(link);
    await reader.getByRole('heading', { name: 'This link does nothing any more' }).waitFor();
    await reader.context().close();
    await page.goto(`${url}/account`);
    await page.getByText(/are mailed to bills@lagos\.example/).waitFor();
  });
  await check('reads the month’s report, and takes it along as PDF, CSV and JSON', async () => {
    await page.goto(`${url}/usage/${month}`);
    await page.getByRole('link', { name: /^Report of/ }).click();
    await page.getByRole('heading', { name: debtor.name }).waitFor();
    const pdf = await downloaded(page, 'As PDF');
    assert.deepEqual([pdf.name, pdf.bytes.subarray(0, 5).toString()], [`${debtor.id}-${month}-report.pdf`, '%PDF-']);
    assert.match((await downloaded(page, 'As CSV')).bytes.toString(), /^customer,name,/);
    assert.equal(JSON.parse((await downloaded(page, 'As JSON')).bytes.toString()).customer.id, debtor.id);
  });
  await check('asks for the evidence of an invoice; what is downloaded verifies', async () => {
    await page.goto(`${url}/invoices/${month}`);
    await page.getByRole('link', { name: 'The evidence behind it' }).click();
    await page.getByRole('button', { name: 'Make the bundle' }).click();
    // The page looks again by itself.
    await page.getByRole('link', { name: /^Download it/ }).waitFor({ timeout: 60_000 });
    const { bytes } = await downloaded(page, /^Download it/);
    const reading = readBundle(gunzipSync(bytes));
    assert.ok(reading.outcome === 'read');
    const { verified, differences } = verifyBundle(reading.bundle, reading.differences, cardRater());
    assert.deepEqual([verified, differences], [true, []]);
  });
  await check('corrects a fact about itself: first sees what that changes', async () => {
    await page.goto(`${url}/account`);
    await page.getByRole('link', { name: 'What we know about you' }).click();
    await page.getByRole('link', { name: 'How many people work there' }).click();
    await page.getByLabel('How many people work there').fill('plenty');
    await page.getByRole('button', { name: 'See what it changes' }).click();
    await page.getByText('A number, in digits.').waitFor();
    await page.getByLabel('How many people work there').fill('5000');
    await page.getByRole('button', { name: 'See what it changes' }).click();
    await page.getByText(/Your price would (stay|change)/).waitFor();
    await page.getByRole('button', { name: 'Change it' }).click();
    await page.getByText('The fact is changed').waitFor();
    assert.match(await page.locator('main').innerText(), /5000/);
  });
  await check('objects to the use of another, and finds that recorded', async () => {
    await page.getByRole('link', { name: 'Calls last 30 days' }).click();
    await page.getByLabel('Why it should not be used for you').fill('Our traffic is seasonal.');
    await page.getByRole('button', { name: 'Object', exact: true }).click();
    await page.getByText('“Our traffic is seasonal.”').waitFor();
  });
  await check('exports everything that is kept about it', async () => {
    await page.getByRole('link', { name: 'Export everything' }).click();
    await page.getByRole('button', { name: 'Make the file' }).click();
    await page.getByRole('link', { name: /^Download it/ }).waitFor({ timeout: 60_000 });
    const { name, bytes } = await downloaded(page, /^Download it/);
    const data = JSON.parse(bytes.toString());
    assert.deepEqual([name, data.customer.facts.companySize], [`${debtor.id}-data.json`, 5000]);
    assert.ok(data.usage.length > 0 && data.invoices.length > 0 && data.requests.length > 0);
  });
  await check('finds its prices over time', async () => {
    await page.goto(`${url}/prices`);
    await page
      .getByText(/you began on/)
      .first()
      .waitFor();
  });
  await check('no page of these logged an error, and no policy was broken', async () => assert.deepEqual(faults, []));
  await page.context().close();
}
