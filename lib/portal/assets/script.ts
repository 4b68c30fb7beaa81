/**
 * All of the script: every page works without it. It keeps the numbers marked `data-live` up to date while the page is
 * looked at, copies a new key, and asks before something is revoked.
 */
export const SCRIPT = `'use strict';
(() => {
  const live = [...document.querySelectorAll('[data-live]')];
  const EVERY_MS = 3000;
  async function refresh() {
    if (document.visibilityState === 'visible') {
      const response = await fetch('/live/usage.json', { headers: { accept: 'application/json' } }).catch(() => null);
      if (response && response.status === 401) return;
      if (response && response.ok) {
        const numbers = await response.json();
        for (const element of live) {
          const value = numbers[element.dataset.live];
          if (value !== undefined && value !== element.textContent) {
            element.textContent = value;
            element.classList.remove('changed');
            void element.offsetWidth;
            element.classList.add('changed');
          }
        }
      }
    }
    setTimeout(refresh, EVERY_MS);
  }
  if (live.length > 0) setTimeout(refresh, EVERY_MS);

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
