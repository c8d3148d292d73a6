# Memorystore for Redis Cluster is reached through endpoints in the subnet, which this policy lets Google create.
resource "google_network_connectivity_service_connection_policy" "redis" {
  count = local.is_cluster ? 1 : 0

  name          = "${var.name}-redis"
  location      = var.region
  network       = google_compute_network.this.id
  service_class = "gcp-memorystore-redis"

  psc_config {
    subnetworks = [google_compute_subnetwork.this.id]
  }
}

resource "google_redis_cluster" "this" {
  count = local.is_cluster ? 1 : 0

  name          = var.name
  region        = var.region
  shard_count   = var.redis_shards
  replica_count = local.is_production ? 1 : 0
  node_type     = local.is_production ? "REDIS_HIGHMEM_MEDIUM" : "REDIS_SHARED_CORE_NANO"

  # Its password would be an access token that ends within hours; the private network and TLS guard it instead.
  authorization_mode      = "AUTH_MODE_DISABLED"
  transit_encryption_mode = "TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION"

  redis_configs = {
    "maxmemory-policy" = var.redis_eviction
  }

  psc_configs {
    network = google_compute_network.this.id
  }

  deletion_protection_enabled = local.is_protected

  depends_on = [google_network_connectivity_service_connection_policy.redis]
}
