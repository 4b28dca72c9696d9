/**
 * Loads the page again when a script or a style that its HTML names could not be fetched and nobody else took care of
 * that: the server went away meanwhile, and nothing on the page works without. Text of an inline script, since ours
 * may be what is missing. By itself once, not over and over: something else may be wrong.
 */

/** Served without a notebook. */
export const SIGN_OF_LIFE = '/icon.svg';

/** Whoever takes care of it, the loader of chunks, removes the element before. */
const GRACE_MS = 2000;

export const loadAgainScript = `(function(){var waits=false;
function again(){fetch('${SIGN_OF_LIFE}',{method:'HEAD',cache:'no-store'}).then(function(){location.reload()},function(){setTimeout(again,1000)})}
addEventListener('error',function(event){
var part=event.target,navigation=performance.getEntriesByType('navigation')[0];
if(waits||navigation&&navigation.type==='reload')return;
if(!(part instanceof HTMLScriptElement||part instanceof HTMLLinkElement&&part.rel==='stylesheet'))return;
setTimeout(function(){if(waits||!part.isConnected)return;waits=true;again()},${GRACE_MS})},true)})()`;
