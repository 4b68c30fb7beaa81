/** How often the script asks: each time that nothing has changed a little later, up to the slowest. See ADR 0020. */
export const LIVE_MS = { fastest: 3_000, slowest: 30_000, slower: 1.5 } as const;

/**
 * All of the script: every page works without it. It keeps the numbers marked `data-live` up to date while the page is
 * looked at, copies a new key, and keeps a form from being sent twice. A page that is hidden asks for nothing, and asks at
 * once when it is looked at again; the server answers 304 where nothing has changed.
 */
export const SCRIPT = `'use strict';
(() => {
  const live = [...document.querySelectorAll('[data-live]')];
  let wait = ${LIVE_MS.fastest};
  let timer = 0;
  let asking = false;
  let stopped = live.length === 0;

  function show(numbers) {
    for (const element of live) {
      const value = numbers[element.dataset.live];
      if (value === undefined || value === element.textContent) continue;
      element.textContent = value;
      element.classList.remove('changed');
      void element.offsetWidth;
      element.classList.add('changed');
    }
  }
  let known = '';
  async function ask() {
    const headers = known === '' ? { accept: 'application/json' } : { accept: 'application/json', 'if-none-match': known };
    const response = await fetch('/live/usage.json', { headers, cache: 'no-store' }).catch(() => null);
    if (response && (response.status === 401 || response.status === 403)) {
      stopped = true;
    } else if (response && response.ok) {
      known = response.headers.get('etag') ?? '';
      show(await response.json());
      return true;
    }
    return false;
  }
  function later() {
    clearTimeout(timer);
    if (!stopped && document.visibilityState === 'visible') timer = setTimeout(look, wait);
  }
  async function look() {
    if (asking) return;
    asking = true;
    const changed = await ask().catch(() => false);
    asking = false;
    wait = changed ? ${LIVE_MS.fastest} : Math.min(${LIVE_MS.slowest}, wait * ${LIVE_MS.slower});
    later();
  }
  function again() {
    if (stopped) return;
    clearTimeout(timer);
    if (document.visibilityState !== 'visible') return;
    wait = ${LIVE_MS.fastest};
    void look();
  }
  document.addEventListener('visibilitychange', again);
  addEventListener('focus', again);
  addEventListener('online', again);
  later();

  for (const button of document.querySelectorAll('[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', async () => {
      const text = document.getElementById(button.dataset.copy).textContent;
      await navigator.clipboard.writeText(text).then(
        () => { button.textContent = 'Copied'; },
        () => { button.textContent = 'Select and copy it'; },
      );
    });
  }
  for (const form of document.querySelectorAll('form')) {
    form.addEventListener('submit', () => {
      for (const button of form.querySelectorAll('button')) setTimeout(() => { button.disabled = true; }, 0);
    });
  }
  addEventListener('pageshow', (event) => {
    if (event.persisted) for (const button of document.querySelectorAll('button')) button.disabled = false;
  });
})();
`;
