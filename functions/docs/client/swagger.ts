type SwaggerUI = (options: Readonly<Record<string, unknown>>) => void;

declare global {
  interface Window {
    readonly SwaggerUIBundle?: SwaggerUI;
  }
}

const dark = matchMedia('(prefers-color-scheme: dark)');
const showTheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches);

showTheme();
dark.addEventListener('change', showTheme);
window.SwaggerUIBundle?.({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  // Asks a server on the internet whether the document is valid, unless it is switched off.
  validatorUrl: null,
});

export {};
