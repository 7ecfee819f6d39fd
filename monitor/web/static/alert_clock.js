// A clock for pages that nobody looks at: browsers slow the timers of a hidden tab to one a minute, a worker's they leave.
// In: how often, in ms. Out: a message each time.
let running = 0;
onmessage = ({ data }) => { clearInterval(running); running = setInterval(() => postMessage(null), data); };
