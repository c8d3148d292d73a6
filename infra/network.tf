resource "google_compute_network" "this" {
  name                    = var.name
  auto_create_subnetworks = false

  depends_on = [google_project_service.this]
}

locals {
  external_network = try(var.redis_external.network, null)

  networks = merge(
    { own = { name = google_compute_network.this.name, subnet = var.name } },
    local.external_network == null ? {} : { external = { name = local.external_network, subnet = "${var.name}-external" } },
  )
  used_network = local.is_external && local.external_network != null ? "external" : "own"

  # Direct egress needs two addresses per instance, and a release runs two revisions at once. Google reserves four
  # addresses, and a cluster's endpoints need four more. Google refuses subnets smaller than a /26.
  addresses     = 4 * sum(values(local.functions)[*].max_instances) + 8
  subnet_prefix = min(26, 32 - ceil(log(local.addresses, 2)))
  range_prefix  = tonumber(split("/", var.network_range)[1])

  # The subnet starts at the beginning of the range, so that it can grow in place. The connector has the last 16 addresses.
  subnet_range    = cidrsubnet(var.network_range, local.subnet_prefix - local.range_prefix, 0)
  connector_range = cidrsubnet(var.network_range, 28 - local.range_prefix, pow(2, 28 - local.range_prefix) - 1)
}

# Addresses for Direct VPC egress, and for the endpoints of clusters and Valkey.
resource "google_compute_subnetwork" "this" {
  name                     = var.name
  network                  = google_compute_network.this.id
  region                   = var.region
  ip_cidr_range            = local.subnet_range
  private_ip_google_access = true
}

resource "google_compute_subnetwork" "external" {
  count = var.egress == "direct" && local.external_network != null ? 1 : 0

  name                     = local.networks["external"].subnet
  network                  = local.external_network
  region                   = var.region
  ip_cidr_range            = local.subnet_range
  private_ip_google_access = true
}

# One for each network with a store.
resource "google_vpc_access_connector" "this" {
  for_each = { for key, network in local.networks : key => network if var.egress == "connector" && (key == "external" || key == local.used_network || length(local.stores) > 0) }

  name          = each.value.subnet
  region        = var.region
  network       = each.value.name
  ip_cidr_range = local.connector_range
  machine_type  = coalesce(var.connector_machine_type, local.is_production ? "e2-standard-4" : "e2-micro")
  min_instances = 2
  # A connector never shrinks: each added machine costs money until the connector is replaced.
  max_instances = var.connector_max_instances

  depends_on = [google_project_service.this]
}

# Private services access: the address range in which Google places Memorystore.
resource "google_compute_global_address" "services" {
  name          = "${var.name}-services"
  network       = google_compute_network.this.id
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 24
}

resource "google_service_networking_connection" "services" {
  network                 = google_compute_network.this.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.services.name]
}
