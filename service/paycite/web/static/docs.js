SwaggerUIBundle({
  url: "/openapi.yaml",
  dom_id: "#docs",
  deepLinking: true,
  // Swagger UI would otherwise ask a validator on another host about the document.
  validatorUrl: null,
  // The document has one server, this one.
  plugins: [{ wrapComponents: { ServersContainer: () => () => null } }],
});
