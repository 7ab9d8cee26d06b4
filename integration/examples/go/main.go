// What a program does with drives: makes one, shows it to an instance, changes it, and takes it away.
//
//	drives unix:/run/configdrive/grpc.sock vm-1
//
// Made from the protos alone (docs/contract.md); `build` beside this file generates their code and compiles all of it.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"time"

	pb "example.org/drives/configdrive/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const patience = 30 * time.Second

// detailsOf gives the service's reason and, where the same request may succeed later, how long to wait for that.
func detailsOf(err error) (reason string, retryAfter time.Duration) {
	for _, detail := range status.Convert(err).Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			reason = detail.GetReason()
		case *errdetails.RetryInfo:
			delay := detail.GetRetryDelay()
			retryAfter = time.Duration(delay.GetSeconds())*time.Second + time.Duration(delay.GetNanos())
		}
	}
	return reason, retryAfter
}

// again makes a call, and makes it again where that may help: with the same request id, which rejoins what was begun.
func again(call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "x-project-id", "demo")
	for {
		err := call(ctx)
		_, wait := detailsOf(err)
		if err == nil || wait == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// settings is the one file of the drive.
func settings(role string) *pb.PopulateVolumeRequest_Files {
	content := &pb.File_Content{Content: []byte(fmt.Sprintf(`{"role": %q}`, role))}
	return &pb.PopulateVolumeRequest_Files{Files: &pb.FileTree{Files: []*pb.File{{Path: "config.json", Data: content}}}}
}

// requestID is a UUID of version 4 (RFC 9562, 5.4).
func requestID() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		log.Fatal(err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func shown(drive *pb.Drive) {
	for _, attachment := range drive.GetAttachments() {
		fmt.Printf("%s sees generation %d\n", attachment.GetInstanceId(), attachment.GetObservedGeneration())
	}
}

func run(target, instanceID string) error {
	connection, err := grpc.Dial(target, grpc.WithInsecure())
	if err != nil {
		return err
	}
	defer connection.Close()
	drives := pb.NewDriveServiceClient(connection)

	populate := func(request *pb.PopulateVolumeRequest) (drive *pb.Drive, err error) {
		err = again(func(ctx context.Context) error {
			response, err := drives.PopulateVolume(ctx, request)
			drive = response.GetDrive()
			return err
		})
		return drive, err
	}
	drive, err := populate(&pb.PopulateVolumeRequest{RequestId: requestID(), Content: settings("web")})
	if err != nil {
		return err
	}
	id := drive.GetId()

	attach := &pb.AttachDriveRequest{RequestId: requestID(), DriveId: id, InstanceId: instanceID}
	if err := again(func(ctx context.Context) error {
		response, err := drives.AttachDrive(ctx, attach)
		shown(response.GetDrive())
		return err
	}); err != nil {
		return err
	}

	staged := &pb.PopulateVolumeRequest{
		RequestId:    requestID(),
		DriveId:      id,
		Content:      settings("db"),
		WhenAttached: pb.WhenAttached_WHEN_ATTACHED_STAGE,
	}
	if _, err := populate(staged); err != nil {
		return err
	}
	if err := again(func(ctx context.Context) error {
		response, err := drives.DiffDrive(ctx, &pb.DiffDriveRequest{DriveId: id})
		for _, change := range response.GetChanges() {
			fmt.Printf("%s will change\n", change.GetAfter().GetPath())
		}
		return err
	}); err != nil {
		return err
	}
	refresh := &pb.RefreshDriveRequest{RequestId: requestID(), DriveId: id}
	if err := again(func(ctx context.Context) error {
		response, err := drives.RefreshDrive(ctx, refresh)
		shown(response.GetDrive())
		return err
	}); err != nil {
		return err
	}

	remove := func() error {
		request := &pb.DeleteDriveRequest{RequestId: requestID(), DriveId: id}
		return again(func(ctx context.Context) error {
			_, err := drives.DeleteDrive(ctx, request)
			return err
		})
	}
	if err := remove(); err != nil {
		reason, _ := detailsOf(err)
		fmt.Printf("not deleted: %s\n", reason)
	}
	detach := &pb.DetachDriveRequest{RequestId: requestID(), DriveId: id}
	if err := again(func(ctx context.Context) error {
		_, err := drives.DetachDrive(ctx, detach)
		return err
	}); err != nil {
		return err
	}
	if err := remove(); err != nil {
		return err
	}
	fmt.Println("deleted")
	return nil
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}
