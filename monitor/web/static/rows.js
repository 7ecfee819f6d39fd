// A table row opens what it is about; its link stays a link. In: rows with data-href. Out: navigation.
import { $$ } from '/static/web/common.js';

for (const row of $$('tr[data-href]')) {
  row.addEventListener('click', (event) => {
    if (event.target.closest('a, button') || String(getSelection())) return;
    location.href = row.dataset.href;
  });
}
