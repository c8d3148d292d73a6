# Which stores exist (redis_stores) and which one the functions use (redis_kind) are separate choices, so switching to
# another store destroys nothing.

# Remembers the identity of the installation. A change of name, region or project would destroy and recreate everything,
# the stores included, so the plan is refused.
resource "terraform_data" "installation" {
  input = "${var.project_id}/${var.region}/${var.name}"

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.input == "${var.project_id}/${var.region}/${var.name}"
      error_message = "This state belongs to ${self.input} (project/region/name). For a different project, region or name, use a separate state, or destroy this installation first."
    }
  }
}

# Remembers the store that this installation was created with, whatever redis_kind says later.
resource "terraform_data" "first_store" {
  input = var.redis_kind

  lifecycle {
    ignore_changes = [input]
  }
}

locals {
  is_production = var.size == "production"

  stores = var.redis_stores != null ? var.redis_stores : setsubtract([terraform_data.first_store.input, var.redis_kind], ["external"])

  # Only the store in use is protected. A store that is not in use yet, or no longer in use, may be destroyed.
  protected_store = coalesce(var.deletion_protection, local.is_production) ? var.redis_kind : ""

  # The primary of a single node, or the discovery endpoint of a cluster. The reader endpoint refuses writes.
  valkey_connections = { for kind, it in google_memorystore_instance.this : kind => flatten(it.endpoints[*].connections[*].psc_auto_connection[*]) }
  valkey = { for kind, all in local.valkey_connections : kind => try(
    [for it in all : it if contains(["CONNECTION_TYPE_PRIMARY", "CONNECTION_TYPE_DISCOVERY"], it.connection_type)][0], all[0]
  ) }

  # The instance's attributes are read one by one: the whole object is sensitive, because its AUTH string is.
  store_endpoints = merge({
    instance = { host = one(google_redis_instance.this[*].host), port = one(google_redis_instance.this[*].port) }
    cluster  = { host = one(google_redis_cluster.this[*].discovery_endpoints[0].address), port = one(google_redis_cluster.this[*].discovery_endpoints[0].port) }
    external = { host = try(var.redis_external.host, null), port = try(var.redis_external.port, null) }
  }, { for kind, it in local.valkey : kind => { host = it.ip_address, port = it.port } })

  store_ids = merge(
    { instance = one(google_redis_instance.this[*].id), cluster = one(google_redis_cluster.this[*].id) },
    { for kind, it in google_memorystore_instance.this : kind => it.id },
  )

  # Every CA that a store lists: a new one is listed years before the old one expires.
  store_cas = merge({
    instance = google_redis_instance.this[*].server_ca_certs[*].cert
    cluster  = google_redis_cluster.this[*].managed_server_ca[*].ca_certs[*].certificates
  }, { for kind, it in google_memorystore_instance.this : kind => it.managed_server_ca[*].ca_certs[*].certificates })

  is_external = var.redis_kind == "external"

  # A cluster that was created without IAM authentication stays without it.
  store_iam = {
    cluster        = one(google_redis_cluster.this[*].authorization_mode) == "AUTH_MODE_IAM_AUTH"
    valkey         = true
    valkey-cluster = true
    external       = try(var.redis_external.iam, false)
  }

  # How the functions reach the store in use.
  redis = {
    host            = local.store_endpoints[var.redis_kind].host
    port            = local.store_endpoints[var.redis_kind].port
    tls             = local.is_external ? var.redis_external.tls : true
    cluster         = local.is_external ? var.redis_external.cluster : contains(["cluster", "valkey-cluster"], var.redis_kind)
    iam             = lookup(local.store_iam, var.redis_kind, false)
    password_secret = local.is_external ? var.redis_external.password_secret : try(google_secret_manager_secret.redis["${var.redis_kind}/password"].id, null)
    ca_secret       = local.is_external ? var.redis_external.ca_secret : google_secret_manager_secret.redis["${var.redis_kind}/ca"].id
  }
}

# Terraform destroys this before anything else of a store. Without it, a plan that removes the store in use would destroy
# its secrets and roles before the store's own protection stopped it.
resource "terraform_data" "guard" {
  for_each = local.stores

  input = each.key == local.protected_store ? "protected" : "free"

  provisioner "local-exec" {
    when    = destroy
    command = self.input == "protected" ? "echo The store in use is protected. Keep it in redis_stores, or set deletion_protection = false and apply first. && exit 1" : "exit 0"
    quiet   = true
  }

  depends_on = [
    google_redis_instance.this, google_redis_cluster.this, google_memorystore_instance.this, google_project_iam_member.connects,
    google_secret_manager_secret.redis, google_secret_manager_secret_version.redis, google_secret_manager_secret_iam_member.reader,
  ]
}

check "stores_in_use" {
  assert {
    condition     = length(setsubtract(local.stores, [var.redis_kind])) == 0
    error_message = "These stores cost money but are not in use: ${join(", ", setsubtract(local.stores, [var.redis_kind]))}. After copying their data, remove them from redis_stores. That destroys them."
  }
}
