/** Sets `data-theme` before the first paint: the stored choice, else the system's. Text of an inline script. */

export const THEME_KEY = 'stagelight:theme';

export const themeScript = `(function(){var d=document.documentElement,m=matchMedia('(prefers-color-scheme: dark)');
function s(){var t;try{t=localStorage.getItem('${THEME_KEY}')}catch(e){}
d.dataset.theme=t==='light'||t==='dark'?t:m.matches?'dark':'light'}
s();m.addEventListener('change',s);addEventListener('storage',s);addEventListener('stagelight:theme',s)})()`;
