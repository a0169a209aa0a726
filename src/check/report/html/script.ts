/** What makes the page handier where scripts may run; everything is there without it. */
export const script = `
(() => {
  const root = document.documentElement;
  for (const element of document.querySelectorAll('.tools')) element.hidden = false;
  const theme = document.getElementById('theme');
  theme.addEventListener('click', () => {
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
  });
  const find = document.getElementById('find');
  const buttons = [...document.querySelectorAll('button[data-status]')];
  const rows = [...document.querySelectorAll('.matrix tbody tr')];
  const told = document.getElementById('found');
  const show = () => {
    const word = find.value.trim().toLowerCase();
    const wanted = buttons.filter((button) => button.getAttribute('aria-pressed') === 'true').map((button) => button.dataset.status);
    let number = 0;
    const names = new Set();
    for (const row of rows) {
      const fits = row.dataset.name.toLowerCase().includes(word) && wanted.every((status) => row.querySelector('td.' + status));
      row.hidden = !fits;
      if (fits) names.add(row.dataset.name);
    }
    number = names.size;
    told.textContent = word === '' && wanted.length === 0 ? '' : number + (number === 1 ? ' service' : ' services');
  };
  find.addEventListener('input', show);
  for (const button of buttons) button.addEventListener('click', () => {
    button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
    show();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || document.activeElement === find) return;
    event.preventDefault();
    find.focus();
  });
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let element = target; element; element = element.parentElement) if (element.tagName === 'DETAILS') element.open = true;
    target?.scrollIntoView();
  };
  addEventListener('hashchange', open);
  open();
  addEventListener('beforeprint', () => { for (const element of document.querySelectorAll('details')) element.open = true; });
})();
`;
