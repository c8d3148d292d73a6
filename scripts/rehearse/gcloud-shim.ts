/* The `gcloud` on the PATH during a rehearsal: it passes each command to the process that runs the rehearsal. */
const response = await fetch(process.env.REHEARSAL_GCLOUD ?? '', {
  method: 'POST',
  body: JSON.stringify({ args: process.argv.slice(2), folder: process.cwd() }),
});
const printed = await response.text();
if (response.ok) {
  process.stdout.write(printed);
} else {
  process.stderr.write(`ERROR: (gcloud) ${printed}\n`);
  process.exitCode = 1;
}
