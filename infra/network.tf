resource "google_compute_network" "this" {
  name                    = var.name
  auto_create_subnetworks = false

  depends_on = [google_project_service.this]
}

# Direct VPC egress takes its addresses here, and a cluster its endpoints. The network's name serves both, so that
# `gcloud run deploy --network` finds the subnet without being told.
resource "google_compute_subnetwork" "this" {
  name                     = var.name
  network                  = google_compute_network.this.id
  region                   = var.region
  ip_cidr_range            = "10.20.0.0/24"
  private_ip_google_access = true
}

resource "google_vpc_access_connector" "this" {
  count = var.egress == "connector" ? 1 : 0

  name          = var.name
  region        = var.region
  network       = google_compute_network.this.name
  ip_cidr_range = "10.20.1.0/28"
  machine_type  = "e2-micro"
  min_instances = 2
  # A connector grows and never shrinks again: each further instance is paid for until it is made anew.
  max_instances = 3
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
