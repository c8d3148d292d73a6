# Computed attributes that other values depend on, in Google's format.
mock_resource "google_redis_instance" {
  defaults = {
    host            = "10.1.2.3"
    port            = 6378
    auth_string     = "an-auth-string"
    server_ca_certs = [{ cert = "PEM of the instance" }]
  }
}

mock_resource "google_redis_cluster" {
  defaults = {
    discovery_endpoints = [{ address = "10.20.0.5", port = 6379 }]
    managed_server_ca   = [{ ca_certs = [{ certificates = ["PEM of the cluster", "its next PEM"] }] }]
  }
}

mock_resource "google_memorystore_instance" {
  defaults = {
    managed_server_ca = [{ ca_certs = [{ certificates = ["PEM of Valkey"] }] }]
    endpoints = [{
      connections = [
        { psc_auto_connection = [{ connection_type = "CONNECTION_TYPE_READER", ip_address = "10.20.0.7", port = 6379 }] },
        { psc_auto_connection = [{ connection_type = "CONNECTION_TYPE_PRIMARY", ip_address = "10.20.0.6", port = 6379 }] },
      ]
    }]
  }
}

mock_resource "google_cloud_run_v2_service" {
  defaults = {
    uri  = "https://function-abc-ew.a.run.app"
    urls = ["https://function-abc-ew.a.run.app", "https://function-123.europe-west1.run.app"]
  }
}

mock_resource "google_service_account" {
  defaults = {
    name   = "projects/demo-project/serviceAccounts/account@demo-project.iam.gserviceaccount.com"
    email  = "account@demo-project.iam.gserviceaccount.com"
    member = "serviceAccount:account@demo-project.iam.gserviceaccount.com"
  }
}
